package integrations_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
)

// awsConditional is what the page lists below its table for connectionType.
var awsConditional = map[string][]integrations.ConfigKey{
	"ACCESS_KEY":     {"user", "api_key"},
	"EXTERNAL_ROLE":  {"roleArn", "externalId"},
	"CONDUCTOR_ROLE": {},
}

func TestKeysForMatchesThePage(t *testing.T) {
	t.Parallel()
	rows := pageRows(t)
	require.GreaterOrEqual(t, len(rows), 30)
	for _, row := range rows {
		rules, ok := integrations.KeysFor(row.typ)
		require.True(t, ok, row.typ)
		require.Empty(t, cmp.Diff(row.rules, integrations.KeyRules{
			Required: rules.Required, Optional: rules.Optional, Conditional: rules.Conditional,
		}), row.typ)
		category, ok := row.typ.Category()
		require.True(t, ok, row.typ)
		require.Equal(t, row.category, category, row.typ)
	}
}

type pageRow struct {
	typ      integrations.Type
	category integrations.Category
	rules    integrations.KeyRules
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
		row := pageRow{typ: integrations.Type(column[0]), category: integrations.Category(column[3])}
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

func keyList(column string) []integrations.ConfigKey {
	if column == "-" {
		return nil
	}
	var keys []integrations.ConfigKey
	for key := range strings.SplitSeq(column, ", ") {
		keys = append(keys, integrations.ConfigKey(key))
	}
	return keys
}

// The keys that the setup guides ask for, beyond those that every type takes.
func TestKeysForGuide(t *testing.T) {
	t.Parallel()
	every := []integrations.ConfigKey{"authUrl", "oAuth2AuthCode", "oAuth2RefreshToken", "oAuth2TokenExpiresAt", "oAuth2RedirectUri"}
	broker := "batchSize, batchWaitTime, visibilityTimeout, connectionPoolSize"
	for typ, want := range map[integrations.Type]string{
		integrations.TypeOpenAI:       "-",
		integrations.TypeVertexAI:     "serviceAccountCredentials",
		integrations.TypeGCP:          "serviceAccountCredentials",
		integrations.TypePineconeDB:   "indexName",
		integrations.TypeAMQP:         broker,
		integrations.TypeGCPPubSub:    "subscription, serviceAccountCredentials, " + broker,
		integrations.TypeIBMMQ:        "user, password, file, keyStorePassword, cipherSuite, " + broker,
		integrations.TypeRelationalDB: "-",
		integrations.TypeNATS: "user, password, file, tlsFile, keyStorePassword, truststoreAuthenticationType, mechanism, " +
			"stream, consumer, consumer_type, batchPollConsumersCount, pullPeriod, pullBatchWaitMillis, " + broker,
		integrations.TypeKafka: "user, password, mechanism, file, keyStorePassword, keyStoreLocation, " +
			"truststoreAuthenticationType, tlsFile, schemaRegistryUrl, schemaRegistryAuthType, schemaRegistryApiKey, " +
			"schemaRegistryApiSecret, valueSubjectNameStrategy, region, roleArn, externalId, awsAccountId, " + broker,
	} {
		rules, ok := integrations.KeysFor(typ)
		require.True(t, ok)
		require.Empty(t, cmp.Diff(append(keyList(want), every...), rules.Guide), typ)
	}
}

func TestKeysForReturnsACopy(t *testing.T) {
	t.Parallel()
	rules, _ := integrations.KeysFor(integrations.TypeAWS)
	rules.Required[0], rules.Optional[0], rules.Guide[0] = "spoilt", "spoilt", "spoilt"
	rules.Conditional["ACCESS_KEY"][0] = "spoilt"
	delete(rules.Conditional, "CONDUCTOR_ROLE")

	again, _ := integrations.KeysFor(integrations.TypeAWS)
	require.Equal(t, []integrations.ConfigKey{"connectionType", "region"}, again.Required)
	require.Equal(t, []integrations.ConfigKey{"awsAccountId"}, again.Optional)
	require.Equal(t, integrations.KeyAuthURL, again.Guide[0])
	require.Empty(t, cmp.Diff(awsConditional, again.Conditional))
}

func TestUnknownTypeHasNoRules(t *testing.T) {
	t.Parallel()
	_, ok := integrations.KeysFor("kafka_msk")
	require.False(t, ok)
	_, ok = integrations.Type("kafka_msk").Category()
	require.False(t, ok)
}

func TestSecretKeys(t *testing.T) {
	t.Parallel()
	secret := keyList("api_key, password, awsAccountId, externalId, schemaRegistryApiSecret, keyStorePassword, file, tlsFile, " +
		"serviceAccountCredentials, schemaRegistryApiKey, oAuth2AuthCode, oAuth2RefreshToken, oAuth2TokenExpiresAt, " +
		"oAuth2RedirectUri, datasourceURL, nobody_knows_it")
	for _, key := range secret {
		require.True(t, key.Secret(), key)
	}
	for _, row := range pageRows(t) {
		for _, key := range append(row.rules.Required, row.rules.Optional...) {
			require.Equal(t, slices.Contains(secret, key), key.Secret(), key)
		}
	}
}
