package integrations

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// ConfigKey names one entry of a [Configuration].
type ConfigKey string

// Every configuration key that the reference page or the vendor's own key list
// knows. [KeysFor] says which of them belong to a type.
const (
	KeyAPIKey                       ConfigKey = "api_key"
	KeyAuthenticationType           ConfigKey = "authenticationType"
	KeyAuthURL                      ConfigKey = "authUrl"
	KeyAWSAccountID                 ConfigKey = "awsAccountId"
	KeyBatchPollConsumersCount      ConfigKey = "batchPollConsumersCount"
	KeyBatchSize                    ConfigKey = "batchSize"
	KeyBatchWaitTime                ConfigKey = "batchWaitTime"
	KeyBetaVersion                  ConfigKey = "betaVersion"
	KeyChannel                      ConfigKey = "channel"
	KeyCipherSuite                  ConfigKey = "cipherSuite"
	KeyCompletionsPath              ConfigKey = "completionsPath"
	KeyConnectionPoolSize           ConfigKey = "connectionPoolSize"
	KeyConnectionType               ConfigKey = "connectionType"
	KeyConsumer                     ConfigKey = "consumer"
	KeyConsumerType                 ConfigKey = "consumer_type"
	KeyDatasourceURL                ConfigKey = "datasourceURL"
	KeyDimensions                   ConfigKey = "dimensions"
	KeyDistanceMetric               ConfigKey = "distance_metric"
	KeyEndpoint                     ConfigKey = "endpoint"
	KeyEnvironment                  ConfigKey = "environment"
	KeyExternalID                   ConfigKey = "externalId"
	KeyFile                         ConfigKey = "file"
	KeyGroupID                      ConfigKey = "groupId"
	KeyHeader                       ConfigKey = "header"
	KeyIndexingMethod               ConfigKey = "indexing_method"
	KeyIndexName                    ConfigKey = "indexName"
	KeyInvertedListCount            ConfigKey = "inverted_list_count"
	KeyJDBCDriver                   ConfigKey = "jdbcDriver"
	KeyKeyStoreLocation             ConfigKey = "keyStoreLocation"
	KeyKeyStorePassword             ConfigKey = "keyStorePassword"
	KeyLocation                     ConfigKey = "location"
	KeyMechanism                    ConfigKey = "mechanism"
	KeyNamespace                    ConfigKey = "namespace"
	KeyOAuth2AuthCode               ConfigKey = "oAuth2AuthCode"
	KeyOAuth2RedirectURI            ConfigKey = "oAuth2RedirectUri"
	KeyOAuth2RefreshToken           ConfigKey = "oAuth2RefreshToken"
	KeyOAuth2TokenExpiresAt         ConfigKey = "oAuth2TokenExpiresAt"
	KeyOrganizationID               ConfigKey = "organizationId"
	KeyPassword                     ConfigKey = "password"
	KeyPort                         ConfigKey = "port"
	KeyProjectName                  ConfigKey = "projectName"
	KeyProtocol                     ConfigKey = "protocol"
	KeyPublisher                    ConfigKey = "publisher"
	KeyPubSubMethod                 ConfigKey = "pubSubMethod"
	KeyPullBatchWaitMillis          ConfigKey = "pullBatchWaitMillis"
	KeyPullPeriod                   ConfigKey = "pullPeriod"
	KeyQueueManager                 ConfigKey = "queueManager"
	KeyRegion                       ConfigKey = "region"
	KeyRoleARN                      ConfigKey = "roleArn"
	KeySchemaRegistryAPIKey         ConfigKey = "schemaRegistryApiKey"
	KeySchemaRegistryAPISecret      ConfigKey = "schemaRegistryApiSecret"
	KeySchemaRegistryAuthType       ConfigKey = "schemaRegistryAuthType"
	KeySchemaRegistryURL            ConfigKey = "schemaRegistryUrl"
	KeyServiceAccountCredentials    ConfigKey = "serviceAccountCredentials"
	KeyStream                       ConfigKey = "stream"
	KeySubscription                 ConfigKey = "subscription"
	KeyTLS                          ConfigKey = "tls"
	KeyTLSFile                      ConfigKey = "tlsFile"
	KeyTruststoreAuthenticationType ConfigKey = "truststoreAuthenticationType"
	KeyUser                         ConfigKey = "user"
	KeyValueSubjectNameStrategy     ConfigKey = "valueSubjectNameStrategy"
	KeyVersion                      ConfigKey = "version"
	KeyVisibilityTimeout            ConfigKey = "visibilityTimeout"
)

// Secret reports whether a value under k is to be kept secret, whatever the type: what the vendor stores as a password or a file, what is as
// sensitive, and every key that is not known here.
func (k ConfigKey) Secret() bool { return secretKeys[k] || !knownKeys[k] }

var secretKeys = set(fields(`api_key password awsAccountId externalId schemaRegistryApiSecret keyStorePassword
	file tlsFile serviceAccountCredentials schemaRegistryApiKey datasourceURL ` + oAuth2Keys))

// secretIn adds to Secret the one key that is a secret in one type only: there,
// the endpoint is a connection string with a password in it.
func secretIn(t Type, k ConfigKey) bool {
	return k == KeyEndpoint && t == TypeMongoVectorDB || k.Secret()
}

// KeyRules says which configuration keys a type takes.
type KeyRules struct {
	// Required and Optional are the reference page's two columns.
	Required, Optional []ConfigKey
	// Guide lists keys that the vendor's setup guides ask for in some modes,
	// although the page's table does not have them. They pass validation.
	Guide []ConfigKey
	// Conditional lists, for each known value of connectionType, the additional
	// keys required. It is nil for types without such a rule.
	Conditional map[string][]ConfigKey
}

// KeysFor returns the rules for t, as a copy in the order of the reference page
// "Save All Integrations", and false for a type that is not on it.
func KeysFor(t Type) (KeyRules, bool) {
	r, ok := ruleFor[t]
	if !ok {
		return KeyRules{}, false
	}
	rules := KeyRules{
		Required:    slices.Clone(r.Required),
		Optional:    slices.Clone(r.Optional),
		Guide:       slices.Clone(r.Guide),
		Conditional: maps.Clone(r.Conditional),
	}
	for value, keys := range rules.Conditional {
		rules.Conditional[value] = slices.Clone(keys)
	}
	return rules, true
}

// Category returns the category that t belongs to, and false for a type that is
// not on the reference page.
func (t Type) Category() (Category, bool) {
	r, ok := ruleFor[t]
	if !ok {
		return "", false
	}
	return r.category, true
}

// keyTable is the reference page's table. An integration type is one line:
// type, category, required keys, optional keys, and the keys of the setup guides
// (those of a whole category are in categoryGuide).
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

// The setup guides' keys: by type, by category, and those that every type takes.
const (
	gcpGuide   = "serviceAccountCredentials"
	kafkaGuide = "user password mechanism file keyStorePassword keyStoreLocation truststoreAuthenticationType tlsFile " +
		"schemaRegistryUrl schemaRegistryAuthType schemaRegistryApiKey schemaRegistryApiSecret valueSubjectNameStrategy " +
		"region roleArn externalId awsAccountId"
	natsGuide = "user password file tlsFile keyStorePassword truststoreAuthenticationType mechanism " +
		"stream consumer consumer_type batchPollConsumersCount pullPeriod pullBatchWaitMillis"
	oAuth2Keys = "oAuth2AuthCode oAuth2RefreshToken oAuth2TokenExpiresAt oAuth2RedirectUri"
	everyGuide = "authUrl " + oAuth2Keys
)

var categoryGuide = map[Category]string{
	CategoryVectorDB:      "indexName",
	CategoryMessageBroker: "batchSize batchWaitTime visibilityTimeout connectionPoolSize",
}

// awsConnections lists what the value of connectionType adds to the required
// keys of these types; another value is unknown.
var (
	awsTypes       = []Type{TypeAWSBedrockAnthropic, TypeAWSBedrockCohere, TypeAWSBedrockTitan, TypeAWSSQS, TypeAWS}
	awsConnections = map[string][]ConfigKey{
		"ACCESS_KEY":     {KeyUser, KeyAPIKey},
		"EXTERNAL_ROLE":  {KeyRoleARN, KeyExternalID},
		"CONDUCTOR_ROLE": {},
	}
)

// knownValues lists the values that a public source gives word for word. Other
// keys that look like enumerations are left alone: nobody has published theirs.
var knownValues = map[Type]closedKey{
	TypeAMQP:       {KeyProtocol, []string{"amqp", "amqps"}},
	TypePGVectorDB: {KeyIndexingMethod, []string{"hnsw", "ivfflat"}},
}

// closedKey is a key with a closed set of values.
type closedKey struct {
	key    ConfigKey
	values []string
}

// rule is a line of keyTable, made ready for validation.
type rule struct {
	KeyRules
	category Category
	closed   closedKey
	all      []ConfigKey // required, optional, conditional, guide
}

var (
	ruleFor    = buildRules()
	knownKeys  = set(allKeys())
	categories = []Category{CategoryAIModel, CategoryVectorDB, CategoryMessageBroker, CategoryCloud, CategoryRelationalDB, CategoryEmail, CategoryGit}
)

func buildRules() map[Type]*rule {
	rules := make(map[Type]*rule, len(keyTable))
	for _, line := range keyTable {
		r := &rule{category: line.Category, closed: knownValues[line.Type], KeyRules: KeyRules{
			Required: fields(line.Required),
			Optional: fields(line.Optional),
			Guide:    fields(line.Guide + " " + categoryGuide[line.Category] + " " + everyGuide),
		}}
		r.all = slices.Concat(r.Required, r.Optional)
		if slices.Contains(awsTypes, line.Type) {
			r.Conditional = awsConnections
			values := slices.Sorted(maps.Keys(awsConnections))
			r.closed = closedKey{KeyConnectionType, values}
			for _, value := range values {
				r.all = append(r.all, awsConnections[value]...)
			}
		}
		r.all = append(r.all, r.Guide...)
		rules[line.Type] = r
	}
	return rules
}

// allKeys returns every key of every row.
func allKeys() []ConfigKey {
	var all []ConfigKey
	for _, r := range ruleFor {
		all = append(all, r.all...)
	}
	return all
}

func fields(list string) []ConfigKey {
	var keys []ConfigKey
	for key := range strings.FieldsSeq(list) {
		keys = append(keys, ConfigKey(key))
	}
	return keys
}

func set(keys []ConfigKey) map[ConfigKey]bool {
	m := make(map[ConfigKey]bool, len(keys))
	for _, k := range keys {
		m[k] = true
	}
	return m
}

// Validate checks items as [Client.SaveAll] does, without a client. It returns
// nil or a [*ValidationError] with every problem of the batch.
func Validate(items []Integration, opts ...SaveOption) error {
	cfg, err := newSaveConfig(opts)
	if err != nil {
		return err
	}
	return checkItems(items, cfg)
}

// checkItems is the check of [Client.SaveAll].
func checkItems(items []Integration, cfg saveConfig) error {
	v := validator{mode: cfg.mode, items: items}
	v.batch()
	if len(v.problems) > 0 {
		v.texts()
	}
	return v.err()
}

// checkTexts finds the texts of items that encoding would change.
func checkTexts(items []Integration) error {
	body, err := json.Marshal(items)
	if err != nil || !bytes.Contains(body, []byte(replacement)) {
		return nil
	}
	v := validator{items: items}
	v.texts()
	return v.err()
}

// checkProvider is the check of [Client.SaveProvider].
func checkProvider(item Integration, cfg saveConfig) error {
	return checkItems([]Integration{item}, cfg)
}

// checkModel is the check of [Client.SaveModel].
func checkModel(provider string, m IntegrationAPI, cfg saveConfig) error { return nil }

// checkTags refuses tags without a key.
func checkTags(op Op, tags []Tag) error { return nil }

// category returns the category that t belongs to.
func (c saveConfig) category(t Type) Category {
	category, _ := t.Category()
	return category
}

// validator collects the problems of a batch. A valid item must cost little
// beside its encoding: no allocation, and no iteration over its configuration,
// which takes longer than looking up the few keys that the type has.
type validator struct {
	mode     ValidationMode
	items    []Integration
	problems []Problem

	// The item under way.
	index int
	item  *Integration
	rule  *rule // nil: the type is not known
}

func (v *validator) add(field string, err error, format string, args ...any) {
	v.problems = append(v.problems, Problem{
		Index: v.index, Name: v.item.Name, Field: field, Reason: fmt.Sprintf(format, args...), Err: err,
	})
}

func (v *validator) err() error {
	if len(v.problems) == 0 {
		return nil
	}
	return &ValidationError{Problems: v.problems}
}

func (v *validator) batch() {
	names := newNameSet(v.items)
	for i := range v.items {
		v.index, v.item = i, &v.items[i]
		if v.rule == nil || v.items[i].Type != v.items[i-1].Type {
			v.rule = ruleFor[v.item.Type]
		}
		if v.mode == Off {
			v.otherKeys(0)
		} else {
			v.checks(&names)
		}
	}
}

// checks are those of Strict and Lenient.
func (v *validator) checks(names *nameSet) {
	v.name(names)
	if v.rule == nil {
		v.unknownType()
	}
	if c := v.item.Category; c != "" && (v.rule == nil || c != v.rule.category) {
		v.otherCategory(c)
	}
	v.configuration()
	for n := range v.item.Tags {
		if blankText(v.item.Tags[n].Key) {
			v.add(fmt.Sprintf("tags[%d].key", n), ErrMissing, "is required")
		}
	}
	v.models()
}

const notUTF8 = "is not valid UTF-8, which JSON cannot carry unchanged"

// replacement is how encoding/json writes what it puts in the place of text that
// is not UTF-8.
const replacement = `\ufffd`

// texts finds the texts that encoding would change. It is for a batch that is
// wrong already, or in which replacement was found: to look at every text
// beforehand would cost as much as all the other checks.
func (v *validator) texts() {
	for i := range v.items {
		v.index, v.item = i, &v.items[i]
		v.utf8("name", v.item.Name)
		v.utf8("type", string(v.item.Type))
		v.utf8("category", string(v.item.Category))
		v.utf8("description", v.item.Description)
		v.configurationTexts()
		for n, tag := range v.item.Tags {
			v.utf8(fmt.Sprintf("tags[%d].key", n), tag.Key)
			v.utf8(fmt.Sprintf("tags[%d].value", n), tag.Value)
		}
		for n, api := range v.item.APIs {
			v.utf8(fmt.Sprintf("apis[%d].integrationName", n), api.IntegrationName)
			v.utf8(fmt.Sprintf("apis[%d].api", n), api.API)
			v.utf8(fmt.Sprintf("apis[%d].description", n), api.Description)
		}
	}
	slices.SortStableFunc(v.problems, func(a, b Problem) int { return cmp.Compare(a.Index, b.Index) })
}

func (v *validator) configurationTexts() {
	for _, key := range slices.Sorted(maps.Keys(v.item.Configuration)) {
		v.utf8(keyField(key), string(key))
		if s, ok := v.item.Configuration[key].(string); ok {
			v.utf8(keyField(key), s)
		} else if encoded, err := json.Marshal(v.item.Configuration[key]); err == nil && replaced(encoded) {
			v.add(keyField(key), ErrUnknownValue, notUTF8)
		}
	}
}

// replaced reports whether encoding/json has replaced anything: replacement is
// there, and not the text of a backslash before ufffd.
func replaced(encoded []byte) bool {
	return bytes.Contains(bytes.ReplaceAll(encoded, []byte(`\\`), nil), []byte(replacement))
}

func (v *validator) utf8(field, s string) {
	if !utf8.ValidString(s) {
		v.add(field, ErrUnknownValue, notUTF8)
	}
}

func (v *validator) name(names *nameSet) {
	if blankText(v.item.Name) {
		v.add("name", ErrMissing, "is required")
	} else if earlier := names.add(v.index); earlier >= 0 {
		v.add("name", ErrDuplicate, "is the name of integration %d too", earlier)
	}
}

func (v *validator) unknownType() {
	t := string(v.item.Type)
	if blankText(t) {
		v.add("type", ErrMissing, "is required")
	} else if v.mode == Strict {
		v.add("type", ErrUnknownType, "%s is not a known type%s", printable(t), suggest(t, slices.Collect(maps.Keys(ruleFor))))
	}
}

// otherCategory deals with a category that is not the type's.
func (v *validator) otherCategory(c Category) {
	switch known := slices.Contains(categories, c); {
	case known && v.rule != nil:
		v.add("category", ErrMismatch, "is %s, but type %s belongs to %s", c, v.item.Type, v.rule.category)
	case !known && v.mode == Strict:
		v.add("category", ErrUnknownCategory, "%s is not a known category%s", printable(string(c)), suggest(string(c), categories))
	}
}

// configuration looks for the keys that the type requires and takes, and then
// for whatever else there is.
func (v *validator) configuration() {
	config := v.item.Configuration
	if v.rule == nil {
		v.otherKeys(0)
		return
	}
	seen := 0
	for _, key := range v.rule.Required {
		seen += v.required(key, "")
	}
	if v.rule.Conditional != nil {
		connection := v.connection()
		for _, key := range v.rule.Conditional[connection] {
			seen += v.required(key, connection)
		}
	}
	for _, key := range v.rule.Optional {
		if seen == len(config) {
			return
		}
		if value, ok := config[key]; ok {
			seen++
			v.value(key, value)
		}
	}
	if seen < len(config) {
		v.otherKeys(seen)
	}
}

// connection returns the value of connectionType, if it is a text.
func (v *validator) connection() string {
	_, connection := wire(v.item.Configuration[KeyConnectionType])
	return connection
}

// required returns 1 if key is there. A connection is the connectionType that
// requires it.
func (v *validator) required(key ConfigKey, connection string) int {
	value, ok := v.item.Configuration[key]
	if ok && !v.value(key, value) {
		return 1
	}
	if connection != "" {
		v.add(keyField(key), ErrMissing, "is required for type %s where connectionType is %s", v.item.Type, connection)
	} else {
		v.add(keyField(key), ErrMissing, "is required for type %s", v.item.Type)
	}
	if ok {
		return 1
	}
	return 0
}

// otherKeys deals with the keys that configuration has not seen. Their problems
// are in the order of the keys.
func (v *validator) otherKeys(seen int) {
	before := len(v.problems)
	for key, value := range v.item.Configuration {
		if seen > 0 && v.hasSeen(key) {
			continue
		}
		if v.rule != nil && v.mode == Strict && !slices.Contains(v.rule.all, key) {
			v.add(keyField(key), ErrUnknownKey, "is not a key of type %s%s", v.item.Type, suggest(string(key), v.rule.all))
		}
		v.value(key, value)
	}
	slices.SortFunc(v.problems[before:], func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Reason, b.Reason))
	})
}

func (v *validator) hasSeen(key ConfigKey) bool {
	return slices.Contains(v.rule.Required, key) || slices.Contains(v.rule.Optional, key) ||
		slices.Contains(v.rule.Conditional[v.connection()], key)
}

// value checks one value of the configuration, and reports whether it is blank.
func (v *validator) value(key ConfigKey, value any) (blank bool) {
	kind, s := wire(value)
	switch {
	case kind == badValue:
		v.add(keyField(key), ErrUnknownValue, "is of a kind that JSON cannot carry")
	case kind == null || kind == text && blankText(s):
		return true
	case kind != text || v.mode == Off:
	case masked(s) && secretIn(v.item.Type, key):
		v.add(keyField(key), ErrMaskedSecret, "is a mask or a placeholder: saving it would overwrite the secret")
	case v.mode == Strict && v.rule != nil && key == v.rule.closed.key && !slices.Contains(v.rule.closed.values, s):
		v.add(keyField(key), ErrUnknownValue, "must be one of %s", strings.Join(v.rule.closed.values, ", "))
	}
	return false
}

func (v *validator) models() {
	apis := v.item.APIs
	if len(apis) == 0 {
		v.noModels()
	}
	for i := range apis {
		if name := apis[i].IntegrationName; name != "" && name != v.item.Name {
			v.add(fmt.Sprintf("apis[%d].integrationName", i), ErrMismatch, "is not the name of the integration")
		}
		if blankText(apis[i].API) {
			v.add(fmt.Sprintf("apis[%d].api", i), ErrMissing, "is required")
		}
		if blankText(apis[i].Description) {
			v.add(fmt.Sprintf("apis[%d].description", i), ErrMissing, "is required")
		}
	}
	if len(apis) > 1 {
		v.duplicateModels()
	}
}

// duplicateModels compares a few models pairwise, which allocates nothing.
func (v *validator) duplicateModels() {
	const few = 8
	apis := v.item.APIs
	var first map[string]int
	if len(apis) > few {
		first = make(map[string]int, len(apis))
	}
	for i := range apis {
		name, earlier := apis[i].API, i
		if first == nil {
			for earlier = 0; apis[earlier].API != name; earlier++ {
			}
		} else if at, ok := first[name]; ok {
			earlier = at
		} else {
			first[name] = i
		}
		if earlier < i && !blankText(name) {
			v.add(fmt.Sprintf("apis[%d].api", i), ErrDuplicate, "is the same as apis[%d].api", earlier)
		}
	}
}

func (v *validator) noModels() {
	category := v.item.Category
	if v.rule != nil {
		category = v.rule.category
	}
	switch category {
	case CategoryAIModel, CategoryVectorDB, CategoryRelationalDB:
		if v.mode == Strict {
			v.add("apis", ErrMissing, "must have at least one model, index or table in category %s", category)
		}
	}
}

// nameSet finds items of the same name. It is an open hash table of the items'
// numbers, from 1: a map would take a multiple of the time of all the other
// checks.
type nameSet struct {
	items []Integration
	slots []int32
	seed  maphash.Seed
}

func newNameSet(items []Integration) nameSet {
	if len(items) < 2 {
		return nameSet{}
	}
	return nameSet{items: items, slots: make([]int32, 1<<bits.Len(uint(4*len(items)))), seed: maphash.MakeSeed()}
}

// add puts item i into the set, and returns the earlier item of its name or -1.
func (s *nameSet) add(i int) int {
	if s.slots == nil {
		return -1
	}
	name := s.items[i].Name
	last := uint64(len(s.slots) - 1)
	for at := maphash.String(s.seed, name) & last; ; at = (at + 1) & last {
		switch earlier := int(s.slots[at]) - 1; {
		case earlier < 0:
			s.slots[at] = int32(i) + 1
			return -1
		case s.items[earlier].Name == name:
			return earlier
		}
	}
}

func keyField(key ConfigKey) string { return "configuration." + printable(string(key)) }

// valueKind is what JSON makes of a Go value.
type valueKind int

const (
	text     valueKind = iota
	null               // nil, and what encodes as null
	other              // a number, a boolean, an object, an array
	badValue           // does not encode
)

// wire returns what JSON makes of value, and the text if it is one: a pointer
// to a string, say, is as much of a text as a string.
func wire(value any) (valueKind, string) {
	switch v := value.(type) {
	case string:
		return text, v
	case nil:
		return null, ""
	case bool, int, int64:
		return other, ""
	}
	encoded, err := json.Marshal(value)
	switch {
	case err != nil:
		return badValue, ""
	case string(encoded) == "null":
		return null, ""
	}
	var s string
	if json.Unmarshal(encoded, &s) != nil {
		return other, ""
	}
	return text, s
}

func blankText(s string) bool { return (s == "" || !printing(s[0])) && allSpace(s) }

// allSpace is kept out of blankText, which then is small enough to be inlined.
//
//go:noinline
func allSpace(s string) bool { return strings.TrimSpace(s) == "" }

// printing reports whether a text that begins with c is plainly not blank.
func printing(c byte) bool { return ' ' < c && c < utf8.RuneSelf }

// masked reports whether s is what a listing shows in a secret's place, or a
// placeholder such as <YOUR-API-KEY>.
func masked(s string) bool {
	if len(s) < 3 || printing(s[0]) && s[0] != 'x' && s[0] != '*' && s[0] != '<' {
		return false
	}
	return wholeMask(s)
}

// wholeMask is kept out of masked for allSpace's reason.
//
//go:noinline
func wholeMask(s string) bool {
	s = strings.TrimSpace(s)
	switch {
	case len(s) < 3:
		return false
	case s[0] == 'x', s[0] == '*':
		return strings.Count(s, s[:1]) == len(s)
	case s[0] == '<':
		return strings.IndexByte(s, '>') == len(s)-1 && strings.LastIndexByte(s, '<') == 0
	}
	return false
}

// suggest words a suggestion when s is a near miss of a candidate: the same
// letters in another spelling, or a typing mistake or two.
func suggest[S ~string](s string, candidates []S) string {
	best, least := "", 3
	squashed := squash(s)
	for _, candidate := range candidates {
		c := string(candidate)
		if d := distance(squashed, squash(c), least); 3*d <= len(c) && (d < least || d == least && c < best) {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

// squash drops what spellings differ in: case and separators.
func squash(s string) string { return separators.Replace(strings.ToLower(s)) }

var separators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// distance is the Levenshtein distance between a and b, in bytes. It is most + 1
// where the lengths alone make it more than most.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
