package integrations_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// awsConditional is what the page lists below its table for connectionType.
var awsConditional = map[string][]in.ConfigKey{
	"ACCESS_KEY":     {"user", "api_key"},
	"EXTERNAL_ROLE":  {"roleArn", "externalId"},
	"CONDUCTOR_ROLE": {},
}

func TestKeysForMatchesThePage(t *testing.T) {
	t.Parallel()
	rows := pageRows(t)
	require.GreaterOrEqual(t, len(rows), 30)
	for _, row := range rows {
		rules, ok := in.KeysFor(row.typ)
		require.True(t, ok, row.typ)
		require.Empty(t, cmp.Diff(row.rules, in.KeyRules{
			Required: rules.Required, Optional: rules.Optional, Conditional: rules.Conditional,
		}), row.typ)
		category, ok := row.typ.Category()
		require.True(t, ok, row.typ)
		require.Equal(t, row.category, category, row.typ)
	}
}

type pageRow struct {
	typ      in.Type
	category in.Category
	rules    in.KeyRules
}

func pageRows(t *testing.T) []pageRow {
	t.Helper()
	file, err := os.Open("testdata/key_table.txt")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	var rows []pageRow
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		column := strings.Split(lines.Text(), " | ")
		require.Len(t, column, 4, lines.Text())
		row := pageRow{typ: in.Type(column[0]), category: in.Category(column[3])}
		required, conditional := strings.CutSuffix(column[1], ", by connectionType")
		if conditional {
			row.rules.Conditional = awsConditional
		}
		row.rules.Required = keyList(required)
		row.rules.Optional = keyList(column[2])
		rows = append(rows, row)
	}
	return rows
}

func keyList(column string) []in.ConfigKey {
	if column == "-" {
		return nil
	}
	var keys []in.ConfigKey
	for key := range strings.SplitSeq(column, ", ") {
		keys = append(keys, in.ConfigKey(key))
	}
	return keys
}

// The keys that the setup guides ask for, beyond those that every type takes.
func TestKeysForGuide(t *testing.T) {
	t.Parallel()
	every := []in.ConfigKey{"authUrl", "oAuth2AuthCode", "oAuth2RefreshToken", "oAuth2TokenExpiresAt", "oAuth2RedirectUri",
		"oAuth2Scope", "oAuth2Provider", "oAuth2AccessToken"}
	broker := "batchSize, batchWaitTime, visibilityTimeout, connectionPoolSize"
	for typ, want := range map[in.Type]string{
		in.TypeOpenAI:       "-",
		in.TypeVertexAI:     "serviceAccountCredentials",
		in.TypeGCP:          "serviceAccountCredentials",
		in.TypePineconeDB:   "indexName",
		in.TypeAMQP:         broker,
		in.TypeGCPPubSub:    "subscription, serviceAccountCredentials, " + broker,
		in.TypeIBMMQ:        "user, password, file, keyStorePassword, cipherSuite, " + broker,
		in.TypeRelationalDB: "-",
		in.TypeNATS: "user, password, file, tlsFile, keyStorePassword, truststoreAuthenticationType, mechanism, " +
			"stream, consumer, consumer_type, batchPollConsumersCount, pullPeriod, pullBatchWaitMillis, " + broker,
		in.TypeKafka: "user, password, mechanism, file, keyStorePassword, keyStoreLocation, " +
			"truststoreAuthenticationType, tlsFile, schemaRegistryUrl, schemaRegistryAuthType, schemaRegistryApiKey, " +
			"schemaRegistryApiSecret, valueSubjectNameStrategy, region, roleArn, externalId, awsAccountId, " + broker,
	} {
		rules, ok := in.KeysFor(typ)
		require.True(t, ok)
		require.Empty(t, cmp.Diff(append(keyList(want), every...), rules.Guide), typ)
	}
}

func TestKeysForReturnsACopy(t *testing.T) {
	t.Parallel()
	rules, _ := in.KeysFor(in.TypeAWS)
	rules.Required[0], rules.Optional[0], rules.Guide[0] = "spoilt", "spoilt", "spoilt"
	rules.Conditional["ACCESS_KEY"][0] = "spoilt"
	delete(rules.Conditional, "CONDUCTOR_ROLE")
	rules.Values[in.KeyConnectionType][0] = "spoilt"
	rules.Values["spoilt"] = nil

	again, _ := in.KeysFor(in.TypeAWS)
	require.Equal(t, []in.ConfigKey{"connectionType", "region"}, again.Required)
	require.Equal(t, []in.ConfigKey{"awsAccountId"}, again.Optional)
	require.Equal(t, in.KeyAuthURL, again.Guide[0])
	require.Empty(t, cmp.Diff(awsConditional, again.Conditional))
	require.Equal(t, map[in.ConfigKey][]string{"connectionType": {"ACCESS_KEY", "CONDUCTOR_ROLE", "EXTERNAL_ROLE"}}, again.Values)
}

func TestUnknownTypeHasNoRules(t *testing.T) {
	t.Parallel()
	_, ok := in.KeysFor("kafka_msk")
	require.False(t, ok)
	_, ok = in.Type("kafka_msk").Category()
	require.False(t, ok)
}

func TestSecretKeys(t *testing.T) {
	t.Parallel()
	secret := keyList("api_key, password, awsAccountId, externalId, schemaRegistryApiSecret, keyStorePassword, file, tlsFile, " +
		"serviceAccountCredentials, schemaRegistryApiKey, oAuth2AuthCode, oAuth2RefreshToken, oAuth2TokenExpiresAt, " +
		"oAuth2RedirectUri, oAuth2Scope, oAuth2Provider, oAuth2AccessToken, datasourceURL, nobody_knows_it")
	for _, key := range secret {
		require.True(t, key.Secret(), key)
	}
	for _, row := range pageRows(t) {
		for _, key := range append(row.rules.Required, row.rules.Optional...) {
			require.Equal(t, slices.Contains(secret, key), key.Secret(), key)
		}
	}
}

// The endpoint is a secret where it is a connection string with a password.
func TestSecretKeysOfOneType(t *testing.T) {
	t.Parallel()
	require.True(t, in.KeyEndpoint.SecretIn(in.TypeMongoVectorDB))
	require.False(t, in.KeyEndpoint.SecretIn(in.TypeOpenAI))
	require.False(t, in.KeyNamespace.SecretIn(in.TypeMongoVectorDB))
	require.True(t, in.KeyAPIKey.SecretIn(in.TypeOpenAI))
	require.True(t, in.ConfigKey("nobody_knows_it").SecretIn("nor_this"))
}

// A key has a closed set of values only where a public source gives the values.
func TestClosedValues(t *testing.T) {
	t.Parallel()
	aws := []string{in.ConnectionAccessKey, in.ConnectionConductorRole, in.ConnectionExternalRole}
	want := map[in.Type]map[in.ConfigKey][]string{
		in.TypeAMQP:                {in.KeyProtocol: {in.ProtocolAMQP, in.ProtocolAMQPS}},
		in.TypePGVectorDB:          {in.KeyIndexingMethod: {in.IndexingHNSW, in.IndexingIVFFlat}},
		in.TypeAWS:                 {in.KeyConnectionType: aws},
		in.TypeAWSSQS:              {in.KeyConnectionType: aws},
		in.TypeAWSBedrockAnthropic: {in.KeyConnectionType: aws},
		in.TypeAWSBedrockCohere:    {in.KeyConnectionType: aws},
		in.TypeAWSBedrockTitan:     {in.KeyConnectionType: aws},
	}
	for _, row := range pageRows(t) {
		rules, _ := in.KeysFor(row.typ)
		require.Equal(t, want[row.typ], rules.Values, row.typ)
	}
}
