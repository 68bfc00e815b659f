package integrations_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	accessKey := in.Configuration{"connectionType": "ACCESS_KEY", "region": "eu-west-1", "user": "u", "api_key": "k"}
	amqp := func(protocol any) in.Configuration {
		return in.Configuration{"protocol": protocol, "user": "u", "password": "p", "endpoint": "e", "port": 5672, "namespace": "/"}
	}
	mongo := func(endpoint string) in.Integration {
		return with(in.TypeMongoVectorDB, in.Configuration{"endpoint": endpoint, "namespace": "n", "dimensions": "8", "distance_metric": "cosine"})
	}
	mask := "xxxxx"
	tests := map[string]struct {
		item    in.Integration
		both    []problem // what Strict and Lenient find
		strict  []problem // or else what Strict finds
		lenient []problem
		off     []problem
	}{
		"valid": {item: openAI()},
		"name is missing": {
			item: openAI(func(i *in.Integration) { i.Name = " \t" }),
			both: []problem{{0, "name", in.ErrMissing, "is required"}},
		},
		"type is missing": {
			item: openAI(func(i *in.Integration) { i.Type = "" }),
			both: []problem{{0, "type", in.ErrMissing, "is required"}},
		},
		"type is unknown, and a near miss": {
			item:   openAI(func(i *in.Integration) { i.Type = "Open-AI" }),
			strict: []problem{{0, "type", in.ErrUnknownType, "Open-AI is not a known type, did you mean openai?"}},
		},
		"type is unknown, and nothing like it": {
			item:   openAI(func(i *in.Integration) { i.Type = "kafka_msk" }),
			strict: []problem{{0, "type", in.ErrUnknownType, "kafka_msk is not a known type"}},
		},
		"type is a secret in the wrong place": {
			item:   openAI(func(i *in.Integration) { i.Type = in.Type(strings.Repeat("s", 31)) }),
			strict: []problem{{0, "type", in.ErrUnknownType, "[31 bytes] is not a known type"}},
		},
		"category is unknown": {
			item:   openAI(func(i *in.Integration) { i.Category = "AI-MODEL" }),
			strict: []problem{{0, "category", in.ErrUnknownCategory, "AI-MODEL is not a known category, did you mean AI_MODEL?"}},
		},
		"category is another type's": {
			item: openAI(func(i *in.Integration) { i.Category = in.CategoryEmail }),
			both: []problem{{0, "category", in.ErrMismatch, "is EMAIL, but type openai belongs to AI_MODEL"}},
		},
		"key is misspelt": {
			item: with(in.TypeOpenAI, in.Configuration{"apiKey": "sk-canary"}),
			strict: []problem{
				{0, "configuration.api_key", in.ErrMissing, "is required for type openai"},
				{0, "configuration.apiKey", in.ErrUnknownKey, "is not a key of type openai, did you mean api_key?"},
			},
			lenient: []problem{{0, "configuration.api_key", in.ErrMissing, "is required for type openai"}},
		},
		"keys belong to other types": {
			item: with(in.TypeSendGrid, in.Configuration{"api_key": "k", "port": "1", "channel": "c"}),
			strict: []problem{
				{0, "configuration.channel", in.ErrUnknownKey, "is not a key of type sendgrid"},
				{0, "configuration.port", in.ErrUnknownKey, "is not a key of type sendgrid"},
			},
		},
		"key and value are swapped": {
			item: with(in.TypeSendGrid, in.Configuration{"api_key": "k", "SG.canary canary": "api_key"}),
			strict: []problem{
				{0, "configuration.[16 bytes]", in.ErrUnknownKey, "is not a key of type sendgrid"},
			},
		},
		"required keys are blank": {
			item: with(in.TypeAzureOpenAI, in.Configuration{"api_key": nil, "endpoint": " \n"}),
			strict: []problem{
				{0, "configuration.api_key", in.ErrMissing, "is required"},
				{0, "configuration.endpoint", in.ErrMissing, "is required"},
			},
			lenient: []problem{
				{0, "configuration.api_key", in.ErrMissing, "is required"},
				{0, "configuration.endpoint", in.ErrMissing, "is required"},
			},
		},
		"other kinds count as present": {item: with(in.TypeAMQP, amqp("amqps"))},
		"optional keys may be blank":   {item: with(in.TypeOpenAI, in.Configuration{"api_key": "k", "organizationId": ""})},
		"a string of another type":     {item: with(in.TypeAMQP, amqp(in.Type("amqp")))},
		"a closed key with a number": {
			item:   with(in.TypeAMQP, amqp(1)),
			strict: []problem{{0, "configuration.protocol", in.ErrUnknownValue, "must be one of amqp, amqps"}},
		},
		"a connectionType that is a number": {
			item:   with(in.TypeAWS, in.Configuration{"connectionType": 7, "region": "r"}),
			strict: []problem{{0, "configuration.connectionType", in.ErrUnknownValue, "must be one of ACCESS_KEY, CONDUCTOR_ROLE, EXTERNAL_ROLE"}},
		},
		"JSON of a connectionType counts": {
			item: with(in.TypeAWS, in.Configuration{"connectionType": json.RawMessage(`"EXTERNAL_ROLE"`), "region": "r", "roleArn": "a"}),
			both: []problem{{0, "configuration.externalId", in.ErrMissing, "where connectionType is EXTERNAL_ROLE"}},
		},
		"a pointer to nothing is nil": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": (*string)(nil)}),
			both: []problem{{0, "configuration.api_key", in.ErrMissing, "is required"}},
		},
		"a pointer to a blank": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": new(string)}),
			both: []problem{{0, "configuration.api_key", in.ErrMissing, "is required"}},
		},
		"a pointer to a mask": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": &mask}),
			both: []problem{{0, "configuration.api_key", in.ErrMaskedSecret, ""}},
		},
		"JSON of a mask": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": json.RawMessage(`"xxxxx"`)}),
			both: []problem{{0, "configuration.api_key", in.ErrMaskedSecret, ""}},
		},
		"what encodes as null is nil": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": map[string]any(nil)}),
			both: []problem{{0, "configuration.api_key", in.ErrMissing, "is required"}},
		},
		"value is not one of two": {
			item:   with(in.TypeAMQP, amqp("canary")),
			strict: []problem{{0, "configuration.protocol", in.ErrUnknownValue, "must be one of amqp, amqps"}},
		},
		"protocol of another type is free": {
			item: with(in.TypeKafka, in.Configuration{"endpoint": "e", "connectionType": "any", "protocol": "any"}),
		},
		"indexing method": {
			item: with(in.TypePGVectorDB, in.Configuration{"user": "u", "password": "p", "datasourceURL": "d", "dimensions": "8",
				"distance_metric": "any", "indexing_method": "flat"}),
			strict: []problem{{0, "configuration.indexing_method", in.ErrUnknownValue, "must be one of hnsw, ivfflat"}},
		},
		"connectionType ACCESS_KEY, complete": {item: with(in.TypeAWS, accessKey)},
		"connectionType ACCESS_KEY": {
			item: with(in.TypeAWSBedrockTitan, in.Configuration{"connectionType": "ACCESS_KEY", "region": "r", "roleArn": "another mode's"}),
			both: []problem{
				{0, "configuration.user", in.ErrMissing, "where connectionType is ACCESS_KEY"},
				{0, "configuration.api_key", in.ErrMissing, "where connectionType is ACCESS_KEY"},
			},
		},
		"connectionType EXTERNAL_ROLE": {
			item: with(in.TypeAWSSQS, in.Configuration{"connectionType": "EXTERNAL_ROLE", "region": "r"}),
			both: []problem{
				{0, "configuration.roleArn", in.ErrMissing, "where connectionType is EXTERNAL_ROLE"},
				{0, "configuration.externalId", in.ErrMissing, "where connectionType is EXTERNAL_ROLE"},
			},
		},
		"connectionType CONDUCTOR_ROLE": {
			item: with(in.TypeAWSBedrockCohere, in.Configuration{"connectionType": "CONDUCTOR_ROLE", "region": "r"}),
		},
		"connectionType is unknown": {
			item:   with(in.TypeAWSBedrockAnthropic, in.Configuration{"connectionType": "canary", "region": "r"}),
			strict: []problem{{0, "configuration.connectionType", in.ErrUnknownValue, "must be one of ACCESS_KEY, CONDUCTOR_ROLE, EXTERNAL_ROLE"}},
		},
		"guide keys pass": {
			item: with(in.TypeKafka, in.Configuration{"endpoint": "e", "connectionType": "c", "protocol": "p",
				"schemaRegistryUrl": "s", "batchSize": "9", "oAuth2AuthCode": "o"}),
		},
		"models are missing": {
			item:   openAI(func(i *in.Integration) { i.APIs = nil }),
			strict: []problem{{0, "apis", in.ErrMissing, "must have at least one model, index or table in category AI_MODEL"}},
		},
		"models are not for every category": {
			item: in.Integration{Name: "mail", Type: in.TypeSendGrid, Configuration: in.Configuration{"api_key": "k"}},
		},
		"model fields": {
			item: openAI(func(i *in.Integration) {
				i.APIs = []in.IntegrationAPI{
					{IntegrationName: "another", API: "m", Description: "d"},
					{IntegrationName: "main", API: " ", Description: ""},
					{API: "m", Description: "d"},
				}
			}),
			both: []problem{
				{0, "apis[0].integrationName", in.ErrMismatch, "is not the name of the integration"},
				{0, "apis[1].api", in.ErrMissing, "is required"},
				{0, "apis[1].description", in.ErrMissing, "is required"},
				{0, "apis[2].api", in.ErrDuplicate, "is the same as apis[0].api"},
			},
		},
		"tag without a key": {
			item: openAI(func(i *in.Integration) { i.Tags = []in.Tag{{Key: "team"}, {Value: "v"}} }),
			both: []problem{{0, "tags[1].key", in.ErrMissing, "is required"}},
		},
		"mask": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": " xxxxx "}),
			both: []problem{{0, "configuration.api_key", in.ErrMaskedSecret, "is a mask or a placeholder"}},
		},
		"mask of stars": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": "***"}),
			both: []problem{{0, "configuration.api_key", in.ErrMaskedSecret, ""}},
		},
		"placeholder": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": "<YOUR-API-KEY>"}),
			both: []problem{{0, "configuration.api_key", in.ErrMaskedSecret, ""}},
		},
		"too short within white space":   {item: with(in.TypeOpenAI, in.Configuration{"api_key": " xx "})},
		"no mask after white space":      {item: with(in.TypeOpenAI, in.Configuration{"api_key": "\tkey"})},
		"too short for a mask":           {item: with(in.TypeOpenAI, in.Configuration{"api_key": "xx"})},
		"a secret that begins like mask": {item: with(in.TypeOpenAI, in.Configuration{"api_key": "xxx-y"})},
		"a file in angle brackets":       {item: with(in.TypeGCP, in.Configuration{"projectName": "p", "environment": "e", "file": "<a></a>"})},
		"mask where there is no secret": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": "k", "organizationId": "XXXXX"}),
			both: []problem{{0, "configuration.organizationId", in.ErrMaskedSecret, "saving it would overwrite the value"}},
		},
		"mask under a key that nobody knows": {
			item: with("kafka_msk", in.Configuration{"hosts": "•••••"}),
			strict: []problem{
				{0, "type", in.ErrUnknownType, ""},
				{0, "configuration.hosts", in.ErrMaskedSecret, "saving it would overwrite the secret"},
			},
			lenient: []problem{{0, "configuration.hosts", in.ErrMaskedSecret, ""}},
		},
		"reference that nobody filled, in a secret's place": {
			item: with(in.TypeOpenAI, in.Configuration{"api_key": "${OPENAI_API_KEY}", "organizationId": "${ORG}"}),
			both: []problem{{0, "configuration.api_key", in.ErrMaskedSecret, "that nobody has filled"}},
		},
		"reference in the place of a connection string": {
			item: mongo(" ${MONGO_URL} "),
			both: []problem{{0, "configuration.endpoint", in.ErrMaskedSecret, "is a reference such as ${NAME} that nobody has filled"}},
		},
		"reference within a longer text": {item: mongo("mongodb://u:${word}@h/d")},
		"masks that only a secret's place refuses": {
			item: with(in.TypeKafka, in.Configuration{"endpoint": "e", "connectionType": "c", "protocol": "p",
				"password": "sk-****abcd", "file": "●●●●●●", "tlsFile": "[REDACTED]", "keyStorePassword": "(hidden)",
				"stream": "***a", "groupId": "a****b", "mechanism": "●●●●●●", "region": "[redacted]"}),
			strict: []problem{
				{0, "configuration.file", in.ErrMaskedSecret, "or has one inside"},
				{0, "configuration.keyStorePassword", in.ErrMaskedSecret, ""},
				{0, "configuration.password", in.ErrMaskedSecret, "saving it would overwrite the secret"},
				{0, "configuration.stream", in.ErrUnknownKey, ""},
				{0, "configuration.tlsFile", in.ErrMaskedSecret, ""},
			},
			lenient: []problem{
				{0, "configuration.file", in.ErrMaskedSecret, ""},
				{0, "configuration.keyStorePassword", in.ErrMaskedSecret, ""},
				{0, "configuration.password", in.ErrMaskedSecret, ""},
				{0, "configuration.tlsFile", in.ErrMaskedSecret, ""},
			},
		},
		"masks inside lists and objects": {
			item: openAI(func(i *in.Integration) {
				i.Configuration = in.Configuration{"api_key": []string{"key", "*****"}, "endpoint": []string{"*****"}}
				i.APIs[0].Configuration = in.Configuration{
					"password": map[string]any{"k": []any{1, "<API-KEY>"}}, "file": json.RawMessage(`{"k":"${KEY}"}`),
					"datasourceURL": map[string]any{"xxxxx": 1}, "namespace": []any{"<API-KEY>"},
				}
			}),
			both: []problem{
				{0, "configuration.api_key", in.ErrMaskedSecret, "or has one inside"},
				{0, "apis[0].configuration.file", in.ErrMaskedSecret, ""},
				{0, "apis[0].configuration.password", in.ErrMaskedSecret, ""},
			},
		},
		"secrets of other kinds": {item: with(in.TypeOpenAI, in.Configuration{"api_key": []any{"key", 7, nil, true, map[string]any{"k": "**"}}})},
		"a model's configuration": {
			item: openAI(func(i *in.Integration) {
				i.APIs[0].Configuration = in.Configuration{"api_key": "xxx", "anything": "v", "protocol": 7, "stop": []string{"***"}, "endpoint": make(chan int)}
			}),
			both: []problem{
				{0, "apis[0].configuration.api_key", in.ErrMaskedSecret, "is a mask or a placeholder"},
				{0, "apis[0].configuration.endpoint", in.ErrUnknownValue, "of a kind that JSON cannot carry"},
			},
			off: []problem{{0, "apis[0].configuration.endpoint", in.ErrUnknownValue, "of a kind that JSON cannot carry"}},
		},
		"connection string": {item: mongo("mongodb://u:p@h/d")},
		"connection string masked": {
			item: mongo("xxxxx"),
			both: []problem{{0, "configuration.endpoint", in.ErrMaskedSecret, ""}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items := []in.Integration{tt.item}
			if tt.both != nil {
				tt.strict, tt.lenient = tt.both, tt.both
			}
			requireProblems(t, in.Validate(items), tt.strict...)
			requireProblems(t, in.Validate(items, in.WithValidation(in.Strict)), tt.strict...)
			requireProblems(t, in.Validate(items, in.WithValidation(in.Lenient)), tt.lenient...)
			requireProblems(t, in.Validate(items, in.WithValidation(in.Off)), tt.off...)
			if err := in.Validate(items); err != nil {
				require.NotContains(t, err.Error(), "canary")
			}
		})
	}
}

// What JSON cannot carry is refused in every mode, without the encoder's words.
func TestValidateEncodable(t *testing.T) {
	t.Parallel()
	key := func(v any) in.Integration { return with(in.TypeOpenAI, in.Configuration{"api_key": v}) }
	tests := map[string]struct {
		item in.Integration
		want problem
	}{
		"channel":      {key(make(chan int)), problem{0, "configuration.api_key", in.ErrUnknownValue, "of a kind that JSON cannot carry"}},
		"not a number": {key(math.NaN()), problem{0, "configuration.api_key", in.ErrUnknownValue, "of a kind that JSON cannot carry"}},
		"own encoder":  {key(stubborn{}), problem{0, "configuration.api_key", in.ErrUnknownValue, "of a kind that JSON cannot carry"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, mode := range []in.ValidationMode{in.Strict, in.Lenient, in.Off} {
				err := in.Validate([]in.Integration{tt.item}, in.WithValidation(mode))
				requireProblems(t, err, tt.want)
				require.NotContains(t, err.Error(), "canary")
			}
		})
	}
}

// A text that looks like what encoding/json makes of broken UTF-8 is not that.
func TestValidateTellsATextFromAReplacement(t *testing.T) {
	t.Parallel()
	list := []string{`\ufffd`, `\\ufffd`, "\ufffd"}
	item := with(in.TypeOpenAI, in.Configuration{"api_key": list})
	requireProblems(t, in.Validate([]in.Integration{item}))
}

type stubborn struct{}

func (stubborn) MarshalJSON() ([]byte, error) { return nil, errors.New("canary") }
