package fake

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// call is a request on its way to the reply.
type call struct {
	*http.Request
	route   *route // nil: the fake has no such route
	op      integrations.Op
	args    []string // texts of the route's parameters
	body    []byte
	refusal *reply // why no handler sees the request, or nil
	fault   Fault
}

// arg returns the text of a parameter of the route.
func (c *call) arg(name string) string {
	i := 0
	for _, segment := range c.route.segments {
		switch {
		case segment == "{"+name+"}":
			return c.args[i]
		case strings.HasPrefix(segment, "{"):
			i++
		}
	}
	return ""
}

// unknown reports whether the fake has nothing under the path.
func (c *call) unknown() bool {
	return c.route == nil && c.refusal != nil && c.refusal.status == http.StatusNotFound
}

// serve is the handler: it reads the whole request, records it, and replies.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.bubble != "" && bubble() != s.bubble {
		http.Error(w, errInsideBubble.Error(), http.StatusInternalServerError)
		return
	}
	c := &call{Request: r}
	c.route, c.args, c.refusal = find(r.Method, r.URL.EscapedPath())
	if c.route != nil {
		c.op = c.route.op
	}
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil && c.refusal == nil {
		c.refusal = badRequest("the query does not decode")
	}
	var err error
	if c.body, err = readBody(r); errors.Is(err, errTooLarge) {
		c.refusal = errorReply(http.StatusRequestEntityTooLarge, "", err.Error())
	} else if err != nil {
		panic(http.ErrAbortHandler) // nobody is there to reply to
	}
	var faulted bool
	c.fault, faulted = s.faults.take(c.op)
	entry := s.recorder.add(c, faulted)
	answer, err := s.answer(c)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if !c.fault.Drop {
		s.recorder.replied(entry, answer.status, c.unknown())
	}
	s.send(w, c, answer)
}

// answer carries c out, as far as its fault lets it, and returns the reply.
func (s *Server) answer(c *call) (*reply, error) {
	f := &c.fault
	if !f.AfterCommit {
		if err := s.pause(c.Context(), f.Delay); err != nil {
			return nil, err
		}
	}
	answer := c.refusal
	if answer == nil && (f.Status == 0 || f.AfterCommit) {
		answer = s.handle(c)
	}
	if f.AfterCommit {
		if err := s.pause(c.Context(), f.Delay); err != nil {
			return nil, err
		}
	}
	return f.apply(answer).encoded(), nil
}

// handle gives the reply of a server where nothing goes wrong.
func (s *Server) handle(c *call) *reply {
	if !c.route.open {
		if refusal := s.authenticate(c.Header.Get(tokenHeader)); refusal != nil {
			return refusal
		}
	}
	return c.route.handle(s, c)
}

// change lets f change the state, as far as the fault of c lets it.
func (s *Server) change(c *call, f func(*state) *reply) *reply {
	return s.store.change(c.fault.commits(), f)
}

// write lets f change the integration in the path of c, which must exist and
// must not be read-only.
func (s *Server) write(c *call, f func(*state, *provider) *reply) *reply {
	name := c.arg("provider")
	if s.cfg.readOnly[name] {
		return forbidden(name)
	}
	return s.change(c, func(st *state) *reply {
		p := st.providers.get(name)
		if p == nil {
			return notFound("integration", name)
		}
		return f(st, p)
	})
}

// read lets f read the integration in the path of c, which must exist.
func (s *Server) read(c *call, f func(*state, *provider) *reply) *reply {
	return s.store.look(func(st *state) *reply {
		p := st.providers.get(c.arg("provider"))
		if p == nil {
			return notFound("integration", c.arg("provider"))
		}
		return f(st, p)
	})
}

// readModel lets f read the model in the path of c, which must exist.
func (s *Server) readModel(c *call, f func(*state, *provider, *model) *reply) *reply {
	return s.read(c, func(st *state, p *provider) *reply {
		m := p.model(c.arg("model"))
		if m == nil {
			return notFound("model", c.arg("model"))
		}
		return f(st, p, m)
	})
}

// writeModel lets f change the model in the path of c, which must exist.
func (s *Server) writeModel(c *call, f func(*state, *provider, model) *reply) *reply {
	return s.write(c, func(st *state, p *provider) *reply {
		m := p.model(c.arg("model"))
		if m == nil {
			return notFound("model", c.arg("model"))
		}
		return f(st, p, *m)
	})
}
