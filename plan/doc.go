// Package plan compares the integrations of a file or a program with a cluster.
package plan
