package fake

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// limit is a saved token limit, in the shape of a reply.
type limit struct {
	audit
	IntegrationName string                   `json:"integrationName"`
	API             string                   `json:"api,omitempty"`
	MaxTokens       int64                    `json:"maxTokens"`
	Period          integrations.LimitPeriod `json:"tokenLimitPeriod,omitempty"`
}

// getTokenLimit answers GET /api/integrations/llm/{provider}/token.
func (s *Server) getTokenLimit(c *call) *reply {
	return s.read(c, func(_ *state, p *provider) *reply {
		if len(p.limits) == 0 {
			return notFound("token limit", p.name)
		}
		return jsonReply(http.StatusOK, p.limits[len(p.limits)-1])
	})
}

// saveTokenLimit answers POST /api/integrations/llm/{provider}/token. The path
// says which integration, whatever the body says.
func (s *Server) saveTokenLimit(c *call) *reply {
	l, refusal := parseLimit(c.body)
	now := s.stamp()
	return s.write(c, func(st *state, p *provider) *reply {
		if refusal != nil {
			return refusal
		}
		l.audit, l.IntegrationName = now, p.name
		changed := *p
		changed.limits = slices.Clone(p.limits)
		same := func(old limit) bool { return old.API == l.API }
		if i := slices.IndexFunc(changed.limits, same); i >= 0 {
			l.audit = now.since(changed.limits[i].audit)
			changed.limits = slices.Delete(changed.limits, i, i+1)
		}
		changed.limits = append(changed.limits, l)
		st.providers.put(p.name, &changed)
		return done()
	})
}

func parseLimit(body []byte) (limit, *reply) {
	fields, err := parseObject(body)
	if err != nil {
		return limit{}, badRequest(err.Error())
	}
	var c checker
	l := limit{
		API:       c.text(fields, "", "api"),
		MaxTokens: c.whole(fields, "", "maxTokens"),
		Period:    integrations.LimitPeriod(c.text(fields, "", "tokenLimitPeriod")),
	}
	if len(c.violations) > 0 {
		return limit{}, badRequest("the token limit is refused", c.violations...)
	}
	return l, nil
}

// listTokenUsage answers GET /api/integrations/llm/{provider}/token/history.
func (s *Server) listTokenUsage(c *call) *reply {
	days, err := parameterOr(c, "lookUpWindow", 31, func(text string) (int64, error) { return strconv.ParseInt(text, 10, 32) })
	if err != nil {
		return badRequest("lookUpWindow must be a whole number")
	}
	// Not by a time.Duration, which ends at 292 years.
	since := integrations.Timestamp(s.cfg.now().UnixMilli() - days*24*time.Hour.Milliseconds())
	model := c.URL.Query().Get("model")
	return s.read(c, func(st *state, p *provider) *reply {
		list := []integrations.TokenUsage{}
		for _, u := range st.usage {
			if u.IntegrationName == p.name && (model == "" || model == "*" || u.API == model) && u.PeriodStart >= since {
				list = append(list, u)
			}
		}
		return jsonReply(http.StatusOK, list)
	})
}

// recordEvents answers POST /api/integrations/eventStats/{type}.
func (s *Server) recordEvents(c *call) *reply {
	events, check, err := parseAll(c.body, (*checker).event)
	switch {
	case err != nil:
		return badRequest(err.Error())
	case len(check.violations) > 0:
		return badRequest("the events are refused", check.violations...)
	}
	return s.change(c, func(st *state) *reply {
		st.events = append(st.events, events...)
		return done()
	})
}

func (c *checker) event(value any, path string) integrations.Event {
	o := c.element(value, path)
	path += "."
	return integrations.Event{
		ID:          c.text(o, path, "id"),
		Event:       c.text(o, path, "event"),
		Type:        integrations.EventType(c.text(o, path, "eventType")),
		HandlerName: c.text(o, path, "handlerName"),
		TaskID:      c.text(o, path, "taskId"),
		WorkerID:    c.text(o, path, "workerId"),
		CreatedAt:   integrations.Timestamp(c.whole(o, path, "createdAt")),
	}
}
