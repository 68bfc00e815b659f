package integrations

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Integration is one integration as [Client.SaveAll] sends it: a provider, its
// configuration and the models, indexes or tables that belong to it.
//
// A nil Tags, APIs or Configuration is left out of the request; an empty one is
// sent as empty. Source: reference page "Save All Integrations".
type Integration struct {
	// Name identifies the integration. Required, unique, and fixed once created.
	Name string `json:"name"`
	// Type says what is integrated. Required, and fixed once created.
	Type Type `json:"type"`
	// Category groups types. Optional: the type implies it, see [Type.Category].
	Category Category `json:"category,omitempty"`
	// Description is for people. Optional; empty is left out of the request.
	Description string `json:"description,omitempty"`
	// Enabled has three states: nil leaves the choice to the server, and
	// [Bool] gives the other two.
	Enabled *bool `json:"enabled,omitempty"`
	// Configuration holds the keys that the type asks for, see [KeysFor].
	Configuration Configuration `json:"configuration,omitzero"`
	// Tags organise and filter integrations. Optional.
	Tags []Tag `json:"tags,omitzero"`
	// APIs are the models, indexes or tables. Required for [CategoryAIModel],
	// [CategoryVectorDB] and [CategoryRelationalDB].
	APIs []IntegrationAPI `json:"apis,omitzero"`
}

// IntegrationAPI is a model of an AI provider, an index of a vector database or
// a table of a relational one. Source: reference page "Save All Integrations",
// integration model object.
type IntegrationAPI struct {
	// IntegrationName is the name of the enclosing integration. Left empty, it
	// is filled in on the way out.
	IntegrationName string `json:"integrationName"`
	// API names the model, index or table, such as gpt-4o. Required.
	API string `json:"api"`
	// Description is for people. Required.
	Description string `json:"description"`
	// Enabled has three states, as in [Integration].
	Enabled *bool `json:"enabled,omitempty"`
	// Configuration holds settings of the model. Optional; nil is left out.
	Configuration Configuration `json:"configuration,omitzero"`
}

// Provider is one integration as [Client.ListProviders] returns it: the models
// are counted, not listed, and secrets are masked by the server, so that a
// listed Configuration must not be saved back. Source: reference page "Get All
// Integration Providers".
type Provider struct {
	Name        string   `json:"name"`
	Type        Type     `json:"type"`
	Category    Category `json:"category"`
	Description string   `json:"description"`
	// Enabled is false for an inactive integration, see [IncludeInactive].
	Enabled bool `json:"enabled"`
	// Configuration has secrets masked. Its numbers are float64.
	Configuration Configuration `json:"configuration"`
	Tags          []Tag         `json:"tags"`
	// ModelsCount is the number of models that the caller may access.
	ModelsCount int64 `json:"modelsCount"`
	// CreateTime and UpdateTime are those of the first and the last save, and
	// CreatedBy and UpdatedBy the users who made them.
	CreateTime Timestamp `json:"createTime"`
	UpdateTime Timestamp `json:"updateTime"`
	CreatedBy  string    `json:"createdBy"`
	UpdatedBy  string    `json:"updatedBy"`
}

// Tag is a key with a value, to organise and filter integrations.
type Tag struct {
	// Key is required.
	Key string `json:"key"`
	// Value may be empty.
	Value string `json:"value"`
}

// Timestamp is a time in Unix milliseconds, as it is on the wire.
type Timestamp int64

// Time converts t, in UTC. The zero Timestamp gives the zero [time.Time].
func (t Timestamp) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// Bool returns a pointer to b, for the Enabled fields.
func Bool(b bool) *bool { return &b }

// Type is the kind of system that an integration connects. It is an open set:
// clusters know more types than the constants here, and a listing returns them
// unchanged.
type Type string

// The types of the reference page "Save All Integrations".
const (
	TypeOllama              Type = "ollama"
	TypeAzureOpenAI         Type = "azure_openai"
	TypeOpenAI              Type = "openai"
	TypePerplexity          Type = "perplexity"
	TypeGrok                Type = "grok"
	TypeCohere              Type = "cohere"
	TypeMistral             Type = "mistral"
	TypeAnthropic           Type = "anthropic"
	TypeVertexAI            Type = "vertex_ai"
	TypeVertexAIGemini      Type = "vertex_ai_gemini"
	TypeHuggingFace         Type = "huggingface"
	TypeAWSBedrockAnthropic Type = "aws_bedrock_anthropic"
	TypeAWSBedrockCohere    Type = "aws_bedrock_cohere"
	TypeAWSBedrockTitan     Type = "aws_bedrock_titan"
	TypePineconeDB          Type = "pineconedb"
	TypeWeaviateDB          Type = "weaviatedb"
	TypePGVectorDB          Type = "pgvectordb"
	TypeMongoVectorDB       Type = "mongovectordb"
	TypeAMQP                Type = "amqp"
	TypeKafka               Type = "kafka"
	TypeNATS                Type = "nats"
	TypeAWSSQS              Type = "aws_sqs"
	TypeAzureServiceBus     Type = "azure_service_bus"
	TypeGCPPubSub           Type = "gcp_pubsub"
	TypeIBMMQ               Type = "ibm_mq"
	TypeAWS                 Type = "aws"
	TypeGCP                 Type = "gcp"
	TypeRelationalDB        Type = "relational_db"
	TypeSendGrid            Type = "sendgrid"
	TypeGit                 Type = "git"
)

// Category groups types. Like [Type] it is an open set.
type Category string

// The categories of the reference pages.
const (
	CategoryAIModel       Category = "AI_MODEL"
	CategoryVectorDB      Category = "VECTOR_DB"
	CategoryMessageBroker Category = "MESSAGE_BROKER"
	CategoryCloud         Category = "CLOUD"
	CategoryRelationalDB  Category = "RELATIONAL_DB"
	CategoryEmail         Category = "EMAIL"
	CategoryGit           Category = "GIT"
)

// Configuration maps keys to values. The vendor's own values are strings, also
// for ports and dimensions; a []byte would be sent as base64. It prints and logs
// its keys and no value. encoding/json is the wire format and does show the
// values.
type Configuration map[ConfigKey]any

// Format implements [fmt.Formatter] for every verb.
func (c Configuration) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.keys()) }

// LogValue implements [slog.LogValuer].
func (c Configuration) LogValue() slog.Value { return slog.AnyValue(c.keys()) }

// keys returns the printable keys, sorted.
func (c Configuration) keys() []string {
	keys := make([]string, 0, len(c))
	for k := range c {
		keys = append(keys, printable(string(k)))
	}
	slices.Sort(keys)
	return keys
}

// Format implements [fmt.Formatter]. It prints the fields, and of the
// Configuration its keys.
func (i Integration) Format(f fmt.State, verb rune) {
	type plain Integration
	formatPlain(f, verb, plain(i), "Integration")
}

// Format implements [fmt.Formatter], as for [Integration].
func (p Provider) Format(f fmt.State, verb rune) {
	type plain Provider
	formatPlain(f, verb, plain(p), "Provider")
}

// formatPlain prints what fmt prints of a struct. If fmt did it by itself it
// would, for a verb that does not fit a pointer, pass over the Format of a
// Configuration behind that pointer.
func formatPlain(f fmt.State, verb rune, value any, name string) {
	text := fmt.Sprintf(fmt.FormatString(f, verb), value)
	fmt.Fprint(f, strings.Replace(text, "integrations.plain{", "integrations."+name+"{", 1))
}

// LogValue implements [slog.LogValuer], because slog's JSON handler would
// otherwise encode the configuration's values.
func (i Integration) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("name", i.Name),
		slog.String("type", string(i.Type)),
		slog.String("category", string(i.Category)),
		slog.Any("configuration", i.Configuration),
		slog.Any("apis", i.APIs),
	}
	if i.Enabled != nil {
		attrs = append(attrs, slog.Bool("enabled", *i.Enabled))
	}
	return slog.GroupValue(attrs...)
}

// LogValue implements [slog.LogValuer], as for [Integration].
func (p Provider) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("name", p.Name),
		slog.String("type", string(p.Type)),
		slog.String("category", string(p.Category)),
		slog.Bool("enabled", p.Enabled),
		slog.Any("configuration", p.Configuration),
		slog.Int64("modelsCount", p.ModelsCount),
	)
}

// longestKey is a little over the longest known key's 28 bytes. API keys and
// tokens are of 32 and more, many of them of letters and digits only.
const longestKey = 30

// printable returns s if it looks like a configuration key, a type or a
// category, and otherwise its length: where key and value were swapped, the
// text is a secret.
func printable(s string) string {
	if len(s) > longestKey {
		return bytesLong(s)
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.', c == '-':
		default:
			return bytesLong(s)
		}
	}
	return s
}

func bytesLong(s string) string { return "[" + strconv.Itoa(len(s)) + " bytes]" }
