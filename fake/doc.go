// Package fake is an in-memory Conductor for the tests of programs that use the
// client of package integrations.
//
// The fake speaks the integrations API over real HTTP. It authenticates, keeps
// what is saved, and records every request. It fails on demand in the ways that a
// server and a network can fail.
//
// In a test, three lines are enough, besides the work itself:
//
//	srv := fake.Start(t)
//	svc := New(srv.Client())
//	if err := svc.SetUp(); err != nil {
//		t.Fatalf("%v", err)
//	}
//	srv.AssertSaved(t, want)
//
// # Server
//
// [Start] ties a [Server] to a test. [NewServer] is for Examples and programs.
// There are four ways to the server, with one state behind them:
//
//   - [Server.Client] returns a client that is ready to use. It talks to the
//     server over connections in memory.
//   - [Server.Transport] returns these connections, for a client of your own.
//   - [Server.URL] opens a loopback socket, for clients in any language.
//   - [Server.Handler] goes into a server of your own, for TLS or a path prefix.
//
// A server of Start closes when the test ends. It fails the test if a prepared
// fault was never used, or if a request went to a path that the fake does not
// have. A wrong method on a known path is only a 405.
//
// A test prepares and checks the server with these methods:
//
//   - State: [Server.Put], [Server.Remove], [Server.PutDefinitions],
//     [Server.PutPrompts], [Server.PutTokenUsage]
//   - Faults: [Server.FailNext], [Server.FailAlways], [Server.ExpireTokens]
//   - Checks: [Server.AssertSaved], [Server.Integration], [Server.Integrations],
//     [Server.Requests], [Server.Events]
//
// # Routes
//
// Every operation of [integrations.Ops] has one route. A request to it is recorded
// and can fail on demand. Every route needs a token, except the token exchange. The
// first two routes work without their last slash too.
//
//   - POST /api/integrations/ (SaveAll)
//   - GET /api/integrations/ (ListIntegrations)
//   - GET /api/integrations/all (ListRefs)
//   - GET /api/integrations/provider (ListProviders)
//   - GET /api/integrations/provider/{provider} (GetProvider)
//   - POST /api/integrations/provider/{provider} (SaveProvider)
//   - DELETE /api/integrations/provider/{provider} (DeleteProvider)
//   - GET /api/integrations/provider/{provider}/tags (ListProviderTags)
//   - PUT /api/integrations/provider/{provider}/tags (PutProviderTags)
//   - DELETE /api/integrations/provider/{provider}/tags (DeleteProviderTags)
//   - GET /api/integrations/provider/{provider}/integration (ListModels)
//   - GET /api/integrations/provider/{provider}/integration/all (ListAvailableModels)
//   - GET /api/integrations/provider/{provider}/integration/{model} (GetModel)
//   - POST /api/integrations/provider/{provider}/integration/{model} (SaveModel)
//   - DELETE /api/integrations/provider/{provider}/integration/{model} (DeleteModel)
//   - GET /api/integrations/provider/{provider}/integration/{model}/tags (ListModelTags)
//   - PUT /api/integrations/provider/{provider}/integration/{model}/tags (PutModelTags)
//   - DELETE /api/integrations/provider/{provider}/integration/{model}/tags (DeleteModelTags)
//   - GET /api/integrations/provider/{provider}/integration/{model}/prompt (ListPrompts)
//   - POST /api/integrations/provider/{provider}/integration/{model}/prompt/{prompt} (AssociatePrompt)
//   - GET /api/integrations/def (ListDefinitions)
//   - POST /api/integrations/def/register (RegisterDefinitions)
//   - GET /api/integrations/def/{definition} (GetDefinition)
//   - GET /api/integrations/llm/{provider}/token (GetTokenLimit)
//   - POST /api/integrations/llm/{provider}/token (SaveTokenLimit)
//   - GET /api/integrations/llm/{provider}/token/history (ListTokenUsage)
//   - POST /api/integrations/eventStats/{type} (RecordEvents)
//   - POST /api/token (Token)
//   - GET /api/prompts
//   - GET /api/prompts/{prompt}
//   - POST /api/prompts/{prompt}
//   - DELETE /api/prompts/{prompt}
//   - GET /api/prompts/{prompt}/tags
//   - PUT /api/prompts/{prompt}/tags
//   - DELETE /api/prompts/{prompt}/tags
//
// The last seven routes are for prompts. Prompts are another resource, and the fake
// has only the part that integrations need:
//
//   - A request is recorded without an operation, and it cannot fail on demand.
//   - A template is raw text or a JSON string.
//   - The query of a save has description, and models=provider:model once for each
//     link. Without models the links stay.
//   - The version of a prompt does not change by itself.
//   - A list of prompts shows no tags.
//
// # Time
//
// In a testing/synctest bubble the clock jumps over every wait. A Retry-After of 30
// seconds takes no time, and a token reaches the end of its hour at once. Three
// rules hold there:
//
//   - Start the server in the bubble, with the T of the bubble, and for that bubble
//     only. A server from elsewhere is an error.
//   - Use Client or Transport.
//   - Do not use URL. It fails the test, because a socket would hang in a bubble.
//
// # What the fake refuses
//
// The fake answers these requests with an error:
//
//   - 400 with a page in HTML: a path with %2F, %25, %5C, %3B, a plain backslash
//     or semicolon, an empty segment in the middle, "." or "..". No handler sees the
//     path.
//   - 404: an unknown route, and a missing integration, model, prompt, definition
//     or token limit. The message is such as "No such integration: acme".
//   - 405 with the header Allow: a wrong method.
//   - 413: a body over 32 MiB.
//   - 401 with the authentication error body: no token or an unknown token
//     (INVALID_TOKEN), a token whose time is over (EXPIRED_TOKEN).
//   - 403: a write under a name of [WithReadOnly], also by the models of a prompt.
//   - 400 with the application error body: a query that does not decode; a parameter
//     activeOnly or lookUpWindow of the wrong kind, also where another value of the
//     parameter is good; models that are not provider:model; a body that is not
//     JSON, not an array or an object as it should be, or has a field of the wrong
//     kind or a number that is too large; a tag without a key; a definition without
//     a type; a new type for a saved integration.
//   - 400 on a bulk save: an integration without a name or a type, or of an
//     unknown type; a model without integrationName, api or description, or with
//     another integrationName than the integration's name.
//   - 400 on the save of one integration: a new integration without a type.
//   - 404 on the save of one integration: a new integration of an unknown type.
//
// A type is known if it is on the reference page, or if it has a definition that
// was registered or put. A saved integration keeps its type, known or not. These
// options change what is refused:
//
//   - [WithUnknownTypes] lets every type pass. [Server.Put] always does.
//   - [WithValidation] also checks the key table and the definitions that the
//     server has. A type that is not on the reference page may have any category.
//
// An error body never quotes a value of the request's configuration. The fake does
// not look at the Content-Type of a request. A real server may answer 415 to a type
// that it does not take.
//
// # What public sources leave open
//
// Public sources do not answer some questions about the server. There the fake has
// made a choice. The real server may behave differently. The fields of [Behaviour]
// change some of the choices.
//
// A bulk save:
//
//   - It is applied whole or not at all. One bad integration refuses the batch.
//     See PartialSaves.
//   - It replaces the whole integration. Only createTime, createdBy and the token
//     limits stay. An absent enabled stays as it was. Models and tags that are
//     left out are gone. See KeepModels, MergeTags and DropTags.
//   - A model that was there keeps its createTime, createdBy and tags. An absent
//     enabled stays as it was.
//   - If two integrations of a batch have one name, the later integration stays.
//     If two models of an integration have one name, the later model stays.
//   - Models may be left out. With WithValidation some types must have models.
//
// A save of a single integration or a single model:
//
//   - Configuration keys are not checked. WithValidation checks them.
//   - The configuration is replaced. An absent configuration becomes an empty
//     configuration. An absent type, category, description or enabled stays as it
//     was. Models, tags and limits stay.
//   - Other fields of the body are ignored. The names come from the path.
//   - The reply to the save of an integration is the integration without tags and
//     models. See EmptySaveReply. The reply to the save of a model is empty.
//
// Every save:
//
//   - In a new integration or model, an absent enabled is true, and an absent
//     description is "". An absent category is the category of the type. A category
//     is stored as it is given, known or not. A model without a configuration shows
//     {}.
//   - Unknown fields are ignored. A null field counts as absent, and so does a key
//     of a configuration with the value null. Field names are case-sensitive.
//     Kinds are not converted: a number is not a string. A number in a
//     configuration loses digits beyond 2^53.
//
// Lists:
//
//   - Integrations, models and prompts are sorted by name. Definitions are in the
//     order of the reference page, or in the order of their arrival.
//   - activeOnly is true by default. It leaves out disabled integrations and
//     disabled models. A disabled integration does not hide its models in a list
//     of its own models. See InactiveHidden.
//   - modelsCount counts all models, disabled models too.
//   - GET /api/integrations/all takes the category as the parameter type. An
//     integration without a listed model stands alone.
//   - A list of an unknown category is empty.
//   - GET .../integration/all lists the models that are registered.
//   - A model in the list of all integrations has no tags. Other replies show the
//     tags of a model.
//
// Secrets:
//
//   - A reply shows xxxxx in the place of every value whose key is secret, see
//     [integrations.ConfigKey.SecretIn]. See ClearSecrets.
//   - An empty value stays empty.
//
// Removal:
//
//   - A removed integration loses its models, tags, limits and prompt links. A
//     removed model loses its tags and prompt links.
//   - The removal of a missing integration, model or prompt is a 404. The removal
//     of a missing tag is no error.
//
// Tags:
//
//   - Tags are a set of pairs: a key may have several values.
//   - PUT adds pairs, and DELETE removes pairs. The body is an array or a single
//     tag.
//   - Tags do not change updateTime.
//
// Definitions:
//
//   - By default each type of the key table has a definition, made from the table.
//     A key that the vendor stores as a password or a file has the fieldType
//     PASSWORD or FILE. A key with a closed set of values is a DROPDOWN. Every
//     other key is TEXT. The key named location is left out, because strict
//     clients of the vendor cannot read it.
//   - GET /api/integrations/def/{definition} finds by type, then by name.
//   - A registration replaces the definition of its type. An absent enabled is
//     true. The keys of a schema are sorted.
//
// Token limits and usage:
//
//   - An integration has a limit for each model, and a limit without a model. A
//     read returns the limit that was saved last. The model need not exist.
//   - The usage comes from [Server.PutTokenUsage]. The default window is 31 days
//     before now. The model * is every model.
//
// Tokens: a token lives for an hour, or as long as its request says. It looks like
// a JWT but has no valid signature.
//
// # Secrets
//
// A [Request] prints and logs without header and body. The diff of
// [Server.AssertSaved] shows no secret. The fields of a Request and the result of
// [Server.Integrations] hold secrets. Code that reads fields shows them:
// encoding/json, go-cmp, testify.
package fake
