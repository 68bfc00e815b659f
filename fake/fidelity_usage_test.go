package fake_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

const llm = "/api/integrations/llm/ai/token"

func TestTokenLimits(t *testing.T) {
	t.Parallel()
	var c clock
	srv := fake.Start(t, c.option(), fake.WithUser("john.doe@acme.com"), fake.WithReadOnly("theirs"), fake.WithIntegrations(mail("ai")))
	w := dial(t, srv)
	w.wantMissing("token limit: ai", "GET", llm, "")
	c.now.Store(1000)
	w.want(200, "", "POST", llm, `{"integrationName": "other", "api": "gpt-4o", "maxTokens": 1000000, "tokenLimitPeriod": "MONTH"}`)
	c.now.Store(2000)
	w.want(200, "", "POST", llm, `{"maxTokens": 5}`)
	w.want(200, `{"createTime": 2000, "updateTime": 2000, "createdBy": "john.doe@acme.com", "updatedBy": "john.doe@acme.com",
		"integrationName": "ai", "maxTokens": 5}`, "GET", llm, "")
	w.want(200, "", "POST", llm, `{"api": "gpt-4o", "maxTokens": 0, "tokenLimitPeriod": "DAY"}`)
	w.want(200, `{"createTime": 1000, "updateTime": 2000, "createdBy": "john.doe@acme.com", "updatedBy": "john.doe@acme.com",
		"integrationName": "ai", "api": "gpt-4o", "maxTokens": 0, "tokenLimitPeriod": "DAY"}`, "GET", llm, "")

	for number, want := range map[string]string{
		"9007199254740993": "9007199254740993", "-9223372036854775808": "-9223372036854775808", "1e3": "1000", "2.0": "2", "null": "0",
	} {
		w.want(200, "", "POST", llm, `{"maxTokens": `+number+`}`)
		require.Contains(t, w.send("GET", llm, "").body, `"maxTokens":`+want+`}`)
	}
	for _, number := range []string{"9223372036854775808", "1e400"} {
		w.wantRefused("the token limit is refused", "maxTokens", "must be a whole number", "POST", llm, `{"maxTokens": `+number+`}`)
	}
	w.want(200, "", "POST", llm, `{"api": "gpt-4o", "tokenLimitPeriod": "DAY"}`)

	w.wantRefused("the token limit is refused", "maxTokens", "must be a whole number", "POST", llm, `{"maxTokens": 1.5}`)
	w.wantRefused("the token limit is refused", "maxTokens", "must be a whole number", "POST", llm, `{"maxTokens": "5"}`)
	w.wantRefused("the token limit is refused", "tokenLimitPeriod", "must be a string", "POST", llm, `{"tokenLimitPeriod": 5}`)
	w.want(400, applicationError(400, "the body must be an object"), "POST", llm, `[]`)
	w.want(403, applicationError(403, `no permission to update integration "theirs"`), "POST", "/api/integrations/llm/theirs/token", `{}`)
	for _, method := range []string{"GET", "POST"} {
		w.wantMissing("integration: none", method, "/api/integrations/llm/none/token", `{}`)
	}
	w.wantMissing("integration: none", "GET", "/api/integrations/llm/none/token/history", "")

	w.want(200, "", "POST", "/api/integrations/", `[{"name": "ai", "type": "sendgrid"}]`)
	require.Contains(t, w.send("GET", llm, "").body, `"tokenLimitPeriod":"DAY"`)
}

func TestTokenUsage(t *testing.T) {
	t.Parallel()
	const day = 24 * 60 * 60 * 1000
	var c clock
	c.now.Store(100 * day)
	srv := fake.Start(t, c.option(), fake.WithIntegrations(mail("ai")))
	usage := func(name, api string, day int64) integrations.TokenUsage {
		return integrations.TokenUsage{IntegrationName: name, API: api, PromptTokens: 1, CompletionTokens: 2, TotalTokens: 3, PeriodStart: integrations.Timestamp(day * 24 * 60 * 60 * 1000)}
	}
	w := dial(t, srv)
	w.want(200, `[]`, "GET", llm+"/history", "")
	srv.PutTokenUsage(usage("ai", "m", 99), usage("ai", "n", 98), usage("other", "m", 99))
	srv.PutTokenUsage(usage("ai", "m", 69), usage("ai", "m", 68))
	for query, want := range map[string][]any{
		"":                         {"m 99", "n 98", "m 69"},
		"?model=*&lookUpWindow=31": {"m 99", "n 98", "m 69"},
		"?model=m":                 {"m 99", "m 69"},
		"?model=none":              nil,
		"?lookUpWindow=2":          {"m 99", "n 98"},
		"?lookUpWindow=1&model=m":  {"m 99"},
		"?lookUpWindow=32&model=m": {"m 99", "m 69", "m 68"},
		"?lookUpWindow=200000":     {"m 99", "n 98", "m 69", "m 68"},
	} {
		var got []any
		for _, u := range decodeList(t, w.send("GET", llm+"/history"+query, "").body) {
			got = append(got, fmt.Sprint(u["api"], " ", u["periodStart"].(float64)/day))
		}
		require.Equal(t, want, got, query)
	}
	w.want(200, `[{"integrationName": "ai", "api": "m", "promptTokens": 1, "completionTokens": 2, "totalTokens": 3, "periodStart": 8553600000}]`,
		"GET", llm+"/history?lookUpWindow=1&model=m", "")
	for _, query := range []string{"month", "1&lookUpWindow=month"} {
		w.want(400, applicationError(400, "lookUpWindow must be a whole number"), "GET", llm+"/history?lookUpWindow="+query, "")
	}
}

// A usage that no list would show is a mistake of the test. Without a beginning
// the usage began now.
func TestPutTokenUsage(t *testing.T) {
	t.Parallel()
	var c clock
	c.now.Store(1772787470214)
	srv := fake.Start(t, c.option(), fake.WithIntegrations(mail("ai")))
	srv.PutTokenUsage(integrations.TokenUsage{IntegrationName: "ai", API: "m", TotalTokens: 3})
	list, err := srv.Client().ListTokenUsage(t.Context(), "ai")
	require.NoError(t, err)
	require.Equal(t, []integrations.TokenUsage{{IntegrationName: "ai", API: "m", TotalTokens: 3, PeriodStart: 1772787470214}}, list)

	run := runTest(func(t fake.T) {
		srv := fake.Start(t, fake.WithIntegrations(mail("ai")))
		srv.PutTokenUsage(integrations.TokenUsage{IntegrationName: "ai"}, integrations.TokenUsage{API: "m"})
		if list, err := srv.Client().ListTokenUsage(context.Background(), "ai"); err != nil || len(list) > 0 {
			t.Errorf("%v %v", list, err)
		}
	})
	require.Equal(t, []string{"fake: PutTokenUsage: [1].integrationName is required"}, run.errors)
}

func TestEvents(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	require.Equal(t, []integrations.Event{}, srv.Events())
	w.want(200, "", "POST", "/api/integrations/eventStats/kafka?type=kafka", `[{"id": "e-1", "event": "kafka:acme-kafka:orders", "eventType": "SEND",
		"handlerName": "orders_handler", "taskId": "t-1", "workerId": "w-1", "createdAt": 1777623244640, "unknown": 1}, {}]`)
	w.want(200, "", "POST", "/api/integrations/eventStats/%7Btype%7D?type=amqp", `[{"id": "e-2", "EVENT": "x", "createdAt": 9007199254740993}]`)
	require.Equal(t, []integrations.Event{
		{ID: "e-1", Event: "kafka:acme-kafka:orders", Type: integrations.EventTypeSend, HandlerName: "orders_handler", TaskID: "t-1", WorkerID: "w-1", CreatedAt: 1777623244640},
		{}, {ID: "e-2", CreatedAt: 9007199254740993},
	}, srv.Events())
	w.wantRefused("the events are refused", "[1]", "must be an object", "POST", "/api/integrations/eventStats/kafka", `[{"id": "e-3"}, null]`)
	w.wantRefused("the events are refused", "[1].id", "must be a string", "POST", "/api/integrations/eventStats/kafka", `[{}, {"id": 7}]`)
	w.wantRefused("the events are refused", "[0].createdAt", "must be a whole number", "POST", "/api/integrations/eventStats/kafka", `[{"createdAt": 1.5}]`)
	w.want(400, applicationError(400, "the body must be an array"), "POST", "/api/integrations/eventStats/kafka", `{"id": "e-3"}`)
	srv.Events()[0].ID = "spoilt"
	require.Equal(t, "e-1", srv.Events()[0].ID)
	require.Len(t, srv.Events(), 3)
}
