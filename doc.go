// Package integrations is a client for the integrations API of Conductor.
package integrations
