package integrations

import "time"

// Integration is one integration as [Client.SaveAll] sends it: a provider, its
// configuration and the models, indexes or tables that belong to it.
//
// A nil Tags, APIs or Configuration is left out of the request. An empty list or
// map is sent as empty. Source: reference page "Save All Integrations".
type Integration struct {
	// Name identifies the integration. Required, unique, and fixed once created.
	// No operation can read or delete an integration whose name has / \ % or ;.
	Name string `json:"name"`
	// Type is the kind of system. Required, and fixed once created.
	Type Type `json:"type"`
	// Category groups types. Optional: the type implies it, see [Type.Category].
	Category Category `json:"category,omitempty"`
	// Description is for people. Optional. An empty text is left out of the
	// request.
	Description string `json:"description,omitempty"`
	// Enabled is true, false or nil, see [Bool]. Nil is left out of the request,
	// and the server decides.
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
	// IntegrationName is the name of the enclosing integration. An empty name is
	// filled in before the request is sent.
	IntegrationName string `json:"integrationName"`
	// API names the model, index or table, such as gpt-4o. Required.
	API string `json:"api"`
	// Description is for people. Required.
	Description string `json:"description"`
	// Enabled has three states, as in [Integration].
	Enabled *bool `json:"enabled,omitempty"`
	// Configuration holds settings of this model. Optional. Nil is left out of the
	// request. Public sources do not say which keys a model takes.
	Configuration Configuration `json:"configuration,omitzero"`
}

// Provider is one integration as the server returns it. [Client.ListProviders]
// counts the models and does not list them. The server may mask secrets, so do
// not save a listed Configuration back. Source: reference page "Get All
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
	// CreateTime and UpdateTime are the times of the first and the last save.
	// CreatedBy and UpdatedBy are the users who saved.
	CreateTime Timestamp `json:"createTime"`
	UpdateTime Timestamp `json:"updateTime"`
	CreatedBy  string    `json:"createdBy"`
	UpdatedBy  string    `json:"updatedBy"`
	// APIs are the models. Only [Client.ListIntegrations] fills them, with an empty
	// list where there are none. Otherwise they are nil.
	APIs []Model `json:"apis,omitzero"`
}

// Timestamp is a time in Unix milliseconds, as in the vendor's JSON. It prints
// as a time.
type Timestamp int64

// Time returns t as a time in UTC. The zero Timestamp gives the zero
// [time.Time].
func (t Timestamp) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// Bool returns a pointer to b, for the Enabled fields.
func Bool(b bool) *bool { return &b }

// Type is the kind of system that an integration connects. Clusters know more
// types than the constants here. A listing returns such types unchanged.
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

// Category groups types. Clusters may know more categories than the constants
// here.
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

// Configuration maps keys to values. The vendor's own values are texts, also for
// ports and dimensions. A []byte is sent as base64. A Configuration prints and
// logs its keys and no value. encoding/json is the wire format and shows the
// values.
type Configuration map[ConfigKey]any
