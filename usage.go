package integrations

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// TokenLimit is the budget of LLM tokens of an integration. Source: the vendor's
// OpenAPI description of version 5; no reference page.
type TokenLimit struct {
	// IntegrationName is the name of the integration.
	IntegrationName string `json:"integrationName,omitempty"`
	// API is the name of a model. Public sources do not say whether it narrows
	// the limit to that model.
	API string `json:"api,omitempty"`
	// MaxTokens is the number of tokens in a period.
	MaxTokens int64 `json:"maxTokens"`
	// Period is the time after which counting starts again.
	Period LimitPeriod `json:"tokenLimitPeriod,omitempty"`
	// The server sets the times and the users.
	CreateTime Timestamp `json:"createTime,omitzero"`
	UpdateTime Timestamp `json:"updateTime,omitzero"`
	CreatedBy  string    `json:"createdBy,omitempty"`
	UpdatedBy  string    `json:"updatedBy,omitempty"`
}

// LimitPeriod is the period of a [TokenLimit]. It is an open set.
type LimitPeriod string

// The periods of the vendor's OpenAPI description.
const (
	LimitPeriodDay   LimitPeriod = "DAY"
	LimitPeriodMonth LimitPeriod = "MONTH"
)

// TokenUsage counts the tokens that a model has used in a period.
type TokenUsage struct {
	IntegrationName string `json:"integrationName"`
	// API is the name of the model.
	API              string `json:"api"`
	PromptTokens     int64  `json:"promptTokens"`
	CompletionTokens int64  `json:"completionTokens"`
	TotalTokens      int64  `json:"totalTokens"`
	// PeriodStart is the beginning of the period.
	PeriodStart Timestamp `json:"periodStart"`
}

// GetTokenLimit returns the token limit of an integration. Public sources do not
// say how a server answers where there is no limit.
//
// GET /integrations/llm/{name}/token. Source: the vendor's OpenAPI description;
// no reference page. Servers of version 4 do not have this operation.
func (c *Client) GetTokenLimit(ctx context.Context, provider string) (TokenLimit, error) {
	return fetch[TokenLimit, TokenLimit](ctx, c, tokenRequest(OpGetTokenLimit, http.MethodGet, provider))
}

// SaveTokenLimit creates or replaces the token limit of an integration. A repeat
// does no harm.
//
// POST /integrations/llm/{name}/token. Source: the vendor's OpenAPI description;
// no reference page. Servers of version 4 do not have this operation.
func (c *Client) SaveTokenLimit(ctx context.Context, provider string, limit TokenLimit) error {
	r := tokenRequest(OpSaveTokenLimit, http.MethodPost, provider)
	r.body = limit
	return c.send(ctx, r)
}

func (l TokenLimit) names() []string {
	return []string{l.IntegrationName, l.API, string(l.Period)}
}

func tokenRequest(op Op, method, provider string) request {
	return request{
		op:      op,
		method:  method,
		path:    "/integrations/llm/{name}/token",
		args:    []arg{{"provider", provider}},
		missing: noTokens(provider),
	}
}

func noTokens(provider string) string {
	return noSuchIntegration(provider) + ", or it has no token limit, or the server is of version 4, which has none"
}

// ListTokenUsage returns the token usage of an integration. Without options no
// query is sent, and the server's defaults apply: all models, 31 days. The list
// is never nil on success.
//
// GET /integrations/llm/{name}/token/history. Source: the vendor's OpenAPI
// description; no reference page. Servers of version 4 do not have this
// operation.
func (c *Client) ListTokenUsage(ctx context.Context, provider string, opts ...UsageOption) ([]TokenUsage, error) {
	query := url.Values{}
	if err := applyAll("usage option", opts, func(o UsageOption) error { return o.applyUsage(query) }); err != nil {
		return nil, err
	}
	return fetchList[TokenUsage, TokenUsage](ctx, c, request{
		op:      OpListTokenUsage,
		method:  http.MethodGet,
		path:    "/integrations/llm/{name}/token/history",
		args:    []arg{{"provider", provider}},
		query:   query,
		missing: noTokens(provider),
	})
}

// UsageOption is an option of [Client.ListTokenUsage].
type UsageOption interface{ applyUsage(url.Values) error }

type usageParameter struct{ name, value, problem string }

func (p usageParameter) applyUsage(query url.Values) error {
	if p.problem != "" {
		return errors.New(p.problem)
	}
	query.Set(p.name, p.value)
	return nil
}

// OfModel limits the usage to one model. The server's default is all models. An
// empty name is an error.
func OfModel(name string) UsageOption {
	p := usageParameter{name: "model", value: name}
	if name == "" {
		p.problem = "model is empty"
	}
	return p
}

// WithinDays limits the usage to the last n days. The server's default is 31. An
// n below 1 is an error. Public sources do not name the unit: a day is inferred.
func WithinDays(n int) UsageOption {
	p := usageParameter{name: "lookUpWindow", value: strconv.Itoa(n)}
	if n < 1 {
		p.problem = "days are not positive"
	}
	return p
}

// Event is one message that a worker sent or received, for the statistics of the
// cluster. Nothing of an Event is shown in an error.
type Event struct {
	ID string `json:"id"`
	// Event names the source, such as kafka:my-integration:my-topic.
	Event string `json:"event"`
	// Type says in which direction the message went.
	Type        EventType `json:"eventType"`
	HandlerName string    `json:"handlerName,omitempty"`
	TaskID      string    `json:"taskId,omitempty"`
	WorkerID    string    `json:"workerId,omitempty"`
	CreatedAt   Timestamp `json:"createdAt,omitzero"`
}

// EventType is the direction of an [Event]. It is an open set.
type EventType string

// The directions of the vendor's OpenAPI description.
const (
	EventTypeSend    EventType = "SEND"
	EventTypeReceive EventType = "RECEIVE"
)

// RecordEvents reports events of a type of integration, such as kafka. Without
// events nothing is sent.
//
// The server may count a repeated report twice. Therefore RecordEvents is never
// retried. There is one exception: if the server refuses the token, it has not
// counted the events, and the client sends them once more with a new token. After
// an error without an answer the events may have been counted or not.
//
// An error shows the status and no text of the server, because the text may repeat
// an event.
//
// POST /integrations/eventStats/{type}. The type is also sent as a query
// parameter, because the vendor's descriptions disagree. Source: the vendor's
// OpenAPI description; no reference page.
func (c *Client) RecordEvents(ctx context.Context, eventType string, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	return c.send(ctx, request{
		op:     OpRecordEvents,
		method: http.MethodPost,
		path:   "/integrations/eventStats/{type}",
		args:   []arg{{"eventType", eventType}},
		query:  url.Values{"type": {eventType}},
		body:   events,
		once:   true,

		unquoted: true,
		missing:  "this server does not take event statistics; check the server URL",
	})
}
