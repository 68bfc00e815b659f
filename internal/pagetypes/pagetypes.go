// Package pagetypes lists the integration types of the API's reference page.
package pagetypes

import "github.com/seed4e9a5e42/integrations"

// All are the types of the reference page, in the order of the page.
var All = []integrations.Type{
	integrations.TypeOllama, integrations.TypeAzureOpenAI, integrations.TypeOpenAI, integrations.TypePerplexity,
	integrations.TypeGrok, integrations.TypeCohere, integrations.TypeMistral, integrations.TypeAnthropic,
	integrations.TypeVertexAI, integrations.TypeVertexAIGemini, integrations.TypeHuggingFace,
	integrations.TypeAWSBedrockAnthropic, integrations.TypeAWSBedrockCohere, integrations.TypeAWSBedrockTitan,
	integrations.TypePineconeDB, integrations.TypeWeaviateDB, integrations.TypePGVectorDB, integrations.TypeMongoVectorDB,
	integrations.TypeAMQP, integrations.TypeKafka, integrations.TypeNATS, integrations.TypeAWSSQS,
	integrations.TypeAzureServiceBus, integrations.TypeGCPPubSub, integrations.TypeIBMMQ,
	integrations.TypeAWS, integrations.TypeGCP,
	integrations.TypeRelationalDB, integrations.TypeSendGrid, integrations.TypeGit,
}
