package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// kind is a kind of fault.
type kind struct {
	fault fake.Fault
	// fails names the failure that the fault leads to, as nameOf does. Empty: a
	// retry or a new token mends the fault.
	fails string
}

// The codes of a token that another token can replace, and of a user for whom
// there is none.
const (
	expired = "EXPIRED_TOKEN"
	invalid = "INVALID_TOKEN"
	unknown = "USER_NOT_FOUND"
)

// mended are the faults after which a call succeeds all the same.
var mended = []kind{
	{fault: fake.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}}},
	{fault: fake.Fault{Status: http.StatusServiceUnavailable}},
	{fault: fake.Fault{Status: http.StatusServiceUnavailable, AfterCommit: true}},
	{fault: fake.Fault{Status: http.StatusBadGateway, RawBody: []byte("<html>")}},
	{fault: fake.Fault{Status: http.StatusGatewayTimeout, RawBody: []byte{}, AfterCommit: true}},
	{fault: fake.Fault{Drop: true}},
	{fault: fake.Fault{Drop: true, AfterCommit: true}},
	{fault: fake.Fault{Truncate: true}},
	{fault: fake.Fault{Truncate: true, AfterCommit: true}},
	{fault: fake.Fault{Delay: time.Millisecond}},
	{fault: fake.Fault{Delay: time.Millisecond, AfterCommit: true}},
}

// refusedTokens are faults that make the client fetch another token. Two in a
// row end the call.
var refusedTokens = []kind{
	{fault: fake.Fault{Status: http.StatusUnauthorized, Code: expired}, fails: refusedToken},
	{fault: fake.Fault{Status: http.StatusUnauthorized, Code: invalid}, fails: refusedToken},
	{fault: fake.Fault{Status: http.StatusForbidden, Code: expired}, fails: refusedToken},
	{fault: fake.Fault{Status: http.StatusForbidden, Code: invalid}, fails: refusedToken},
}

// finals are the faults that end the call.
var finals = []kind{
	{fault: fake.Fault{Status: http.StatusSwitchingProtocols}, fails: "101"},
	{fault: fake.Fault{Status: http.StatusBadRequest}, fails: "400"},
	{fault: fake.Fault{Status: http.StatusUnauthorized, Code: unknown}, fails: "401 " + unknown},
	{fault: fake.Fault{Status: http.StatusForbidden, AfterCommit: true}, fails: "403"},
	{fault: fake.Fault{Status: http.StatusInternalServerError, AfterCommit: true}, fails: "500"},
	{fault: fake.Fault{Endless: true, AfterCommit: true}, fails: endless},
}

// The names of failures that are no plain status.
const (
	endless      = "an endless answer"
	refusedToken = "a refused token"
	once         = "a call that must not be repeated"
)

// draw takes a kind of fault: mostly a kind that a retry mends.
func (w *worker) draw() kind {
	kinds := mended
	switch n := w.random.IntN(20); {
	case n == 0:
		kinds = finals
	case n < 4:
		kinds = refusedTokens
	}
	return kinds[w.random.IntN(len(kinds))]
}

// disturb arranges now and then for a fault of the next request of op.
func (w *worker) disturb(op integrations.Op) {
	switch w.random.IntN(1000) {
	case 0:
		w.srv.ExpireTokens()
		w.ledger.inject(refusedToken)
	case 1:
		w.drain()
	case 2:
		w.srv.FailNext(integrations.OpToken, mended[w.random.IntN(len(mended))].fault)
	}
	if w.random.IntN(5) > 0 {
		return
	}
	k := w.draw()
	w.srv.FailNext(op, k.fault)
	if k.fails != "" {
		w.ledger.inject(k.fails)
	}
	if op == integrations.OpRecordEvents {
		w.ledger.inject(once)
	}
}

// nameOf names the failure of a call that no retry mends, or is empty.
func nameOf(err error) string {
	var api *integrations.APIError
	switch {
	case errors.Is(err, integrations.ErrResponseTooLarge):
		return endless
	case !errors.As(err, &api):
		return ""
	case api.Code == expired, api.Code == invalid, api.StatusCode == http.StatusUnauthorized && api.Code == "":
		return refusedToken // without a code where the answer was cut in half
	}
	for _, k := range finals {
		if api.StatusCode == k.fault.Status && api.Code == k.fault.Code {
			return k.fails
		}
	}
	return ""
}
