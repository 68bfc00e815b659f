package integrations

import (
	"maps"
	"slices"
	"strings"
)

// ConfigKey names one entry of a [Configuration].
type ConfigKey string

// The configuration keys that the reference page or the vendor's own key list
// has. [KeysFor] says which of them belong to a type. All values travel as text,
// numbers too.
const (
	// The API key of the provider, such as sk-... For the AWS types it is the
	// secret access key, and for git an access token.
	KeyAPIKey ConfigKey = "api_key"
	// How to sign in to NATS or IBM MQ. Public sources do not list the values.
	KeyAuthenticationType ConfigKey = "authenticationType"
	// The URL of an authorization server. Public sources do not say which types
	// use it.
	KeyAuthURL ConfigKey = "authUrl"
	// The AWS account, such as 123456789012. The vendor stores it as a secret.
	KeyAWSAccountID ConfigKey = "awsAccountId"
	// The number of NATS consumers that poll, such as 1.
	KeyBatchPollConsumersCount ConfigKey = "batchPollConsumersCount"
	// The number of messages of a batch, such as 10.
	KeyBatchSize ConfigKey = "batchSize"
	// The longest wait for a batch. Public sources do not say the unit.
	KeyBatchWaitTime ConfigKey = "batchWaitTime"
	// The beta version of Anthropic's API. Public sources have no example.
	KeyBetaVersion ConfigKey = "betaVersion"
	// The channel of IBM MQ, such as DEV.APP.SVRCONN.
	KeyChannel ConfigKey = "channel"
	// The TLS cipher suite of IBM MQ, such as TLS_AES_256_GCM_SHA384.
	KeyCipherSuite ConfigKey = "cipherSuite"
	// The path of Anthropic's completions below the endpoint, such as /messages.
	// Public sources do not say the default.
	KeyCompletionsPath ConfigKey = "completionsPath"
	// The number of connections to a message broker, such as 5.
	KeyConnectionPoolSize ConfigKey = "connectionPoolSize"
	// How to connect. The AWS types take [ConnectionAccessKey],
	// [ConnectionExternalRole] or [ConnectionConductorRole]. Public sources do not
	// list the values of the other types.
	KeyConnectionType ConfigKey = "connectionType"
	// The name of a NATS JetStream consumer, such as orders-worker.
	KeyConsumer ConfigKey = "consumer"
	// The kind of a NATS consumer. Public sources do not list the values.
	KeyConsumerType ConfigKey = "consumer_type"
	// The JDBC URL of a database, such as jdbc:postgresql://host:5432/db. It is
	// kept secret because it may hold a password.
	KeyDatasourceURL ConfigKey = "datasourceURL"
	// The length of the vectors, such as 1536.
	KeyDimensions ConfigKey = "dimensions"
	// How the distance of two vectors is measured. Public sources do not list the
	// values.
	KeyDistanceMetric ConfigKey = "distance_metric"
	// The address of the service, such as https://api.anthropic.com/v1 or the
	// brokers of Kafka. For mongovectordb it is a connection string with a
	// password, see [ConfigKey.SecretIn].
	KeyEndpoint ConfigKey = "endpoint"
	// The environment or region of a Pinecone or Google Cloud project, such as
	// us-central1. Public sources do not say the form.
	KeyEnvironment ConfigKey = "environment"
	// The external ID of an AWS role that another account assumes. The vendor
	// stores it as a secret.
	KeyExternalID ConfigKey = "externalId"
	// The text of a file: for the Google types the JSON of a service account, for
	// message brokers a trust store. Public sources do not say how a binary file is
	// encoded.
	KeyFile ConfigKey = "file"
	// The consumer group of Kafka, such as billing.
	KeyGroupID ConfigKey = "groupId"
	// The name of the header that carries Ollama's API key, such as X-Api-Key.
	// The header's value is probably the value of [KeyAPIKey].
	KeyHeader ConfigKey = "header"
	// The index of pgvector: [IndexingHNSW] or [IndexingIVFFlat].
	KeyIndexingMethod ConfigKey = "indexing_method"
	// The name of the index of a vector database, such as documents.
	KeyIndexName ConfigKey = "indexName"
	// The number of lists of an inverted index, such as 100.
	KeyInvertedListCount ConfigKey = "inverted_list_count"
	// The JDBC driver of a database, such as org.postgresql.Driver. Public sources
	// do not list the values.
	KeyJDBCDriver ConfigKey = "jdbcDriver"
	// Where the key store of Kafka is. Public sources do not say the form.
	KeyKeyStoreLocation ConfigKey = "keyStoreLocation"
	// The password of a key store.
	KeyKeyStorePassword ConfigKey = "keyStorePassword"
	// The location of Google Pub/Sub, such as us-central1.
	KeyLocation ConfigKey = "location"
	// The SASL mechanism of Kafka or NATS. Public sources do not list the values.
	KeyMechanism ConfigKey = "mechanism"
	// The namespace: a virtual host of AMQP, such as /, the database of MongoDB, or
	// the owner of a Hugging Face model. Public sources do not say more.
	KeyNamespace ConfigKey = "namespace"
	// The OAuth2 access token.
	KeyOAuth2AccessToken ConfigKey = "oAuth2AccessToken"
	// The OAuth2 authorization code. The server exchanges it for tokens.
	KeyOAuth2AuthCode ConfigKey = "oAuth2AuthCode"
	// The OAuth2 provider. Public sources do not list the values.
	KeyOAuth2Provider ConfigKey = "oAuth2Provider"
	// The OAuth2 redirect URI, such as https://cluster.example/callback.
	KeyOAuth2RedirectURI ConfigKey = "oAuth2RedirectUri"
	// The OAuth2 refresh token.
	KeyOAuth2RefreshToken ConfigKey = "oAuth2RefreshToken"
	// The OAuth2 scope. Public sources do not say how several scopes are written.
	KeyOAuth2Scope ConfigKey = "oAuth2Scope"
	// When the OAuth2 access token expires. Public sources do not say the unit.
	KeyOAuth2TokenExpiresAt ConfigKey = "oAuth2TokenExpiresAt"
	// The organization of OpenAI, such as org-abc123.
	KeyOrganizationID ConfigKey = "organizationId"
	// The password of [KeyUser].
	KeyPassword ConfigKey = "password"
	// The port, such as 5672.
	KeyPort ConfigKey = "port"
	// The project of Pinecone or Google Cloud, such as my-project-123.
	KeyProjectName ConfigKey = "projectName"
	// The protocol. AMQP takes [ProtocolAMQP] or [ProtocolAMQPS]. Public sources do
	// not list the values of the other types.
	KeyProtocol ConfigKey = "protocol"
	// The publisher of the models of Vertex AI, such as google.
	KeyPublisher ConfigKey = "publisher"
	// How IBM MQ delivers messages. Public sources do not list the values.
	KeyPubSubMethod ConfigKey = "pubSubMethod"
	// How long a NATS pull waits for a batch, in milliseconds, such as 1000.
	KeyPullBatchWaitMillis ConfigKey = "pullBatchWaitMillis"
	// The time between two NATS pulls. Public sources do not say the unit.
	KeyPullPeriod ConfigKey = "pullPeriod"
	// The queue manager of IBM MQ, such as QM1.
	KeyQueueManager ConfigKey = "queueManager"
	// The AWS region, such as us-east-1.
	KeyRegion ConfigKey = "region"
	// The AWS role to assume, such as arn:aws:iam::123456789012:role/conductor.
	KeyRoleARN ConfigKey = "roleArn"
	// The API key of Kafka's schema registry.
	KeySchemaRegistryAPIKey ConfigKey = "schemaRegistryApiKey"
	// The API secret of Kafka's schema registry.
	KeySchemaRegistryAPISecret ConfigKey = "schemaRegistryApiSecret"
	// How to sign in to Kafka's schema registry. Public sources do not list the
	// values.
	KeySchemaRegistryAuthType ConfigKey = "schemaRegistryAuthType"
	// The URL of Kafka's schema registry, such as https://registry.example.
	KeySchemaRegistryURL ConfigKey = "schemaRegistryUrl"
	// The JSON of a Google service account. Public sources do not say how it
	// differs from [KeyFile].
	KeyServiceAccountCredentials ConfigKey = "serviceAccountCredentials"
	// The name of a NATS JetStream stream, such as ORDERS.
	KeyStream ConfigKey = "stream"
	// The subscription of Google Pub/Sub, such as orders-sub.
	KeySubscription ConfigKey = "subscription"
	// Whether to use TLS. Public sources do not list the values.
	KeyTLS ConfigKey = "tls"
	// The text of a TLS file of Kafka or NATS.
	KeyTLSFile ConfigKey = "tlsFile"
	// How the trust store of Kafka or NATS is used. Public sources do not list the
	// values.
	KeyTruststoreAuthenticationType ConfigKey = "truststoreAuthenticationType"
	// The user name, such as conductor. For the AWS types it is the access key ID.
	KeyUser ConfigKey = "user"
	// How the subject of a Kafka message's schema is named. Public sources do not
	// list the values.
	KeyValueSubjectNameStrategy ConfigKey = "valueSubjectNameStrategy"
	// The version of Anthropic's API, such as 2023-06-01.
	KeyVersion ConfigKey = "version"
	// How long a message that was fetched is hidden from others. Public sources do
	// not say the unit.
	KeyVisibilityTimeout ConfigKey = "visibilityTimeout"
)

// The values of configuration keys whose values are a closed set, see
// [KeyRules].
const (
	// ConnectionAccessKey signs in to AWS with [KeyUser] and [KeyAPIKey].
	ConnectionAccessKey = "ACCESS_KEY"
	// ConnectionExternalRole assumes [KeyRoleARN] with [KeyExternalID].
	ConnectionExternalRole = "EXTERNAL_ROLE"
	// ConnectionConductorRole uses the role of the Conductor cluster itself.
	ConnectionConductorRole = "CONDUCTOR_ROLE"

	// ProtocolAMQP and ProtocolAMQPS are AMQP without and with TLS.
	ProtocolAMQP  = "amqp"
	ProtocolAMQPS = "amqps"

	// IndexingHNSW and IndexingIVFFlat are the indexes of pgvector.
	IndexingHNSW    = "hnsw"
	IndexingIVFFlat = "ivfflat"
)

// Secret reports whether a value under k is a secret in any type. These keys are
// secret: the keys that the vendor stores as a password or a file, the keys that
// are as sensitive, and every key that is not known here.
func (k ConfigKey) Secret() bool {
	secret, known := knownKeys()[k]
	return secret || !known
}

// SecretIn is [ConfigKey.Secret] for one type. The one difference is the
// endpoint of mongovectordb: it is a connection string with a password.
func (k ConfigKey) SecretIn(t Type) bool {
	return k == KeyEndpoint && t == TypeMongoVectorDB || k.Secret()
}

const secretKeys = `api_key password awsAccountId externalId schemaRegistryApiSecret keyStorePassword
	file tlsFile serviceAccountCredentials schemaRegistryApiKey datasourceURL ` + oAuth2Keys

// KeyRules says which configuration keys a type takes.
type KeyRules struct {
	// Required and Optional are the two columns of the reference page.
	Required, Optional []ConfigKey
	// Guide lists keys that the vendor's setup guides ask for in some modes. The
	// page's table does not have them. They pass validation.
	Guide []ConfigKey
	// Conditional lists the additional keys that each known value of
	// connectionType requires. It is nil for types without such a rule.
	Conditional map[string][]ConfigKey
	// Values lists the values of each key whose values are a closed set. A key is
	// in Values only where a public source gives its values word for word. Values
	// is nil for most types. The cluster may know more: see the options of
	// [Client.ListDefinitions], or list an integration that the web UI made.
	Values map[ConfigKey][]string
}

// KeysFor returns the rules for t, in the order of the reference page "Save All
// Integrations". The rules are a copy. KeysFor returns false for a type that is
// not on the page.
func KeysFor(t Type) (KeyRules, bool) {
	r, ok := ruleFor()[t]
	if !ok {
		return KeyRules{}, false
	}
	return KeyRules{
		Required:    slices.Clone(r.Required),
		Optional:    slices.Clone(r.Optional),
		Guide:       slices.Clone(r.Guide),
		Conditional: cloneLists(r.Conditional),
		Values:      cloneLists(r.Values),
	}, true
}

func cloneLists[K comparable, V any](lists map[K][]V) map[K][]V {
	lists = maps.Clone(lists)
	for key, list := range lists {
		lists[key] = slices.Clone(list)
	}
	return lists
}

// Category returns the category that t belongs to, and false for a type that is
// not on the reference page.
func (t Type) Category() (Category, bool) {
	r, ok := ruleFor()[t]
	if !ok {
		return "", false
	}
	return r.category, true
}

// keyTable is the reference page's table. A type is one line: type, category,
// required keys, optional keys, and the keys of the setup guides. The guide keys
// of a whole category are in categoryGuide.
var keyTable = []struct {
	Type                      Type
	Category                  Category
	Required, Optional, Guide string
}{
	{TypeOllama, CategoryAIModel, "endpoint", "header api_key", ""},
	{TypeAzureOpenAI, CategoryAIModel, "api_key endpoint", "", ""},
	{TypeOpenAI, CategoryAIModel, "api_key", "endpoint organizationId", ""},
	{TypePerplexity, CategoryAIModel, "api_key", "", ""},
	{TypeGrok, CategoryAIModel, "api_key", "", ""},
	{TypeCohere, CategoryAIModel, "api_key endpoint", "", ""},
	{TypeMistral, CategoryAIModel, "api_key endpoint", "", ""},
	{TypeAnthropic, CategoryAIModel, "api_key endpoint", "completionsPath version betaVersion", ""},
	{TypeVertexAI, CategoryAIModel, "projectName environment publisher file", "", gcpGuide},
	{TypeVertexAIGemini, CategoryAIModel, "projectName environment file", "", gcpGuide},
	{TypeHuggingFace, CategoryAIModel, "api_key namespace", "", ""},
	{TypeAWSBedrockAnthropic, CategoryAIModel, "connectionType region", "awsAccountId", ""},
	{TypeAWSBedrockCohere, CategoryAIModel, "connectionType region", "awsAccountId", ""},
	{TypeAWSBedrockTitan, CategoryAIModel, "connectionType region", "awsAccountId", ""},
	{TypePineconeDB, CategoryVectorDB, "api_key projectName environment", "", ""},
	{TypeWeaviateDB, CategoryVectorDB, "api_key endpoint", "", ""},
	{TypePGVectorDB, CategoryVectorDB, "user password datasourceURL dimensions distance_metric indexing_method", "inverted_list_count", ""},
	{TypeMongoVectorDB, CategoryVectorDB, "endpoint namespace dimensions distance_metric", "inverted_list_count", ""},
	{TypeAMQP, CategoryMessageBroker, "protocol user password endpoint port namespace", "", ""},
	{TypeKafka, CategoryMessageBroker, "endpoint connectionType protocol", "groupId", kafkaGuide},
	{TypeNATS, CategoryMessageBroker, "endpoint connectionType authenticationType protocol tls", "", natsGuide},
	{TypeAWSSQS, CategoryMessageBroker, "connectionType region", "awsAccountId", ""},
	{TypeAzureServiceBus, CategoryMessageBroker, "connectionType", "endpoint namespace", ""},
	{TypeGCPPubSub, CategoryMessageBroker, "projectName location file", "", "subscription " + gcpGuide},
	{TypeIBMMQ, CategoryMessageBroker, "endpoint port queueManager channel protocol pubSubMethod authenticationType tls", "", "user password file keyStorePassword cipherSuite"},
	{TypeAWS, CategoryCloud, "connectionType region", "awsAccountId", ""},
	{TypeGCP, CategoryCloud, "projectName environment file", "", gcpGuide},
	{TypeRelationalDB, CategoryRelationalDB, "jdbcDriver user password datasourceURL", "", ""},
	{TypeSendGrid, CategoryEmail, "api_key", "", ""},
	{TypeGit, CategoryGit, "user api_key", "", ""},
}

// The keys of the setup guides. Each list belongs to one type or a few types, and
// every type takes everyGuide.
const (
	gcpGuide   = "serviceAccountCredentials"
	kafkaGuide = "user password mechanism file keyStorePassword keyStoreLocation truststoreAuthenticationType tlsFile " +
		"schemaRegistryUrl schemaRegistryAuthType schemaRegistryApiKey schemaRegistryApiSecret valueSubjectNameStrategy " +
		"region roleArn externalId awsAccountId"
	natsGuide = "user password file tlsFile keyStorePassword truststoreAuthenticationType mechanism " +
		"stream consumer consumer_type batchPollConsumersCount pullPeriod pullBatchWaitMillis"
	oAuth2Keys = "oAuth2AuthCode oAuth2RefreshToken oAuth2TokenExpiresAt oAuth2RedirectUri oAuth2Scope oAuth2Provider oAuth2AccessToken"
	everyGuide = "authUrl " + oAuth2Keys
)

var categoryGuide = map[Category]string{
	CategoryVectorDB:      "indexName",
	CategoryMessageBroker: "batchSize batchWaitTime visibilityTimeout connectionPoolSize",
}

// awsTypes require further keys by their connectionType: awsConnections.
var (
	awsTypes       = []Type{TypeAWSBedrockAnthropic, TypeAWSBedrockCohere, TypeAWSBedrockTitan, TypeAWSSQS, TypeAWS}
	awsConnections = map[string][]ConfigKey{
		ConnectionAccessKey:     {KeyUser, KeyAPIKey},
		ConnectionExternalRole:  {KeyRoleARN, KeyExternalID},
		ConnectionConductorRole: {},
	}
)

// closedValues lists the values that a public source gives word for word. Other
// keys look like enumerations too, but nobody has published their values.
func closedValues(t Type) map[ConfigKey][]string {
	switch {
	case t == TypeAMQP:
		return map[ConfigKey][]string{KeyProtocol: {ProtocolAMQP, ProtocolAMQPS}}
	case t == TypePGVectorDB:
		return map[ConfigKey][]string{KeyIndexingMethod: {IndexingHNSW, IndexingIVFFlat}}
	case slices.Contains(awsTypes, t):
		return map[ConfigKey][]string{KeyConnectionType: {ConnectionAccessKey, ConnectionConductorRole, ConnectionExternalRole}}
	}
	return nil
}

func fields(list string) []ConfigKey {
	var keys []ConfigKey
	for key := range strings.FieldsSeq(list) {
		keys = append(keys, ConfigKey(key))
	}
	return keys
}
