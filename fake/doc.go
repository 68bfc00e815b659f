// Package fake is an in-memory Conductor for the tests of programs that use
// [integrations.Client]. It speaks the integrations API over real HTTP,
// authenticates, keeps what is saved, records every request, and fails on
// demand in the ways a server and a network can.
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
//   - [Server.Client] is wired to it, over connections in memory.
//   - [Server.Transport] is those connections, for a client of your own making.
//   - [Server.URL] opens a loopback socket, for clients in any language.
//   - [Server.Handler] goes into a server of your own, for TLS or a path prefix.
//
// The server closes when the test ends. It fails the test if a prepared fault
// was never used, or if a request went to a route that the fake does not have.
//
// # Routes
//
// Every operation of [integrations.Ops] has one route. Each is recorded, can
// fail on demand, and needs a token, except for the token exchange. The first
// two routes work without their last slash too.
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
// The prompts, the last seven, are another resource, of which the fake has as
// much as the integrations need. They are recorded without an operation and
// cannot fail on demand. A template is raw text or a JSON string. The query of a
// save has description and, once for each link, models=provider:model. Without
// models the links stay. The version of a prompt does not change by itself.
//
// # Time
//
// Inside a testing/synctest bubble, Start the server in the bubble and use
// Client or Transport: a Retry-After of 30 seconds or a token that lives for an
// hour then takes no time. A server that was started outside is an error there.
// URL fails the test, as a socket would hang in a bubble.
//
// # What the fake refuses
//
//   - 400 with a page in HTML: a path with %2F, %25, %5C, %3B, a plain backslash
//     or semicolon, an empty segment, "." or "..". No handler sees the path.
//   - 404: an unknown route, and a missing integration, model, prompt, definition
//     or token limit. The message is such as "No such integration: acme".
//   - 405 with the header Allow: a wrong method.
//   - 413: a body over 32 MiB.
//   - 401 with the authentication error body: no token or an unknown token
//     (INVALID_TOKEN), a token whose time is over (EXPIRED_TOKEN).
//   - 403: a write under a name of [WithReadOnly].
//   - 400 with the application error body: a body that is not JSON, not an array
//     or an object as it should be, or has a field of the wrong kind; a parameter
//     activeOnly or lookUpWindow of the wrong kind; a tag without a key; a
//     definition without a type; a new type for a saved integration.
//   - 400 on a bulk save: an integration without a name or a type, or of an
//     unknown type; a model without integrationName, api or description, or with
//     another integrationName than the integration's name.
//   - 400 on the save of one integration: a new integration without a type.
//   - 404 on the save of one integration: a new integration of an unknown type.
//
// A type is known if it is on the reference page, or has a definition that was
// registered or put. A saved integration keeps its type, known or not.
// [WithUnknownTypes] lets every type pass, [WithValidation]
// adds the key table. Error bodies never quote a value of the request's
// configuration. [Server.Put] takes integrations of any type.
//
// # What public sources leave open
//
// Where nobody outside the vendor knows, the fake has made a choice. Do not
// take it for the real server's. The fields of [Behaviour] choose otherwise.
//
// A bulk save:
//
//   - It is applied whole or not at all. One bad integration refuses the batch.
//     See PartialSaves.
//   - It replaces the whole integration. Only createTime, createdBy and the token
//     limits stay, and enabled where it is absent. Models and tags that are left
//     out are gone. See KeepModels, MergeTags and DropTags.
//   - A model that was there keeps its createTime, createdBy and tags, and its
//     enabled where it is absent.
//   - Of two integrations with one name in a batch, the later one stays. So it is
//     with two models of one integration.
//   - Models may be left out. With WithValidation some types must have models.
//
// A save of one integration or one model:
//
//   - Configuration keys are not checked. WithValidation checks them.
//   - The configuration is replaced, and is empty where it is absent. An absent
//     type, category, description or enabled stays as it was. Models, tags and
//     limits stay.
//   - Other fields of the body are ignored. The names are those of the path.
//   - The reply to the save of an integration is the integration without tags and
//     models. See EmptySaveReply. The reply to the save of a model is empty.
//
// Every save:
//
//   - The absent enabled of something new is true, an absent description is "",
//     and an absent category is the type's. A category is stored as it is given,
//     known or not. A model that has no configuration shows {}.
//   - Unknown fields are ignored, null is as good as absent, field names are
//     case-sensitive, and kinds are not converted: a number is not a string. A
//     number in a configuration loses digits beyond 2^53.
//
// Lists:
//
//   - Integrations, models and prompts are sorted by name. Definitions are in the
//     order of the reference page, or in the order they came in.
//   - activeOnly is true by default. It leaves out disabled integrations and
//     disabled models. A disabled integration does not hide its models in a list
//     of its own models. See InactiveHidden.
//   - modelsCount counts all models, the disabled ones too.
//   - GET /api/integrations/all takes the category as type. An integration none of
//     whose models is listed stands alone.
//   - A list of an unknown category is empty.
//   - GET .../integration/all lists the models that are registered.
//   - A model in the list of all integrations has no tags. Elsewhere it has.
//
// Secrets: a reply masks every value whose key is secret, as
// [integrations.ConfigKey] tells it, and the endpoint of mongovectordb, with
// xxxxx. An empty value stays empty. See ClearSecrets.
//
// Removal:
//
//   - An integration takes its models, tags, limits and prompt links along, a
//     model its tags and prompt links.
//   - To remove a missing integration, model or prompt is a 404. To remove a
//     missing tag is no error.
//
// Tags are a set of pairs: a key may have several values. PUT adds pairs and
// DELETE removes pairs. The body is an array or a single tag. Tags do not move
// updateTime.
//
// Definitions:
//
//   - By default there is one for each type of the key table, made from it. Keys
//     that the vendor stores as a password or a file have fieldType PASSWORD or
//     FILE, keys with closed values DROPDOWN, others TEXT. The key location is
//     left out, because strict clients of the vendor cannot read it.
//   - GET /api/integrations/def/{definition} finds by type, then by name.
//   - A registration replaces the definition of its type. An absent enabled is
//     true.
//
// Token limits and usage:
//
//   - An integration has a limit for each model, and one without a model. Asked
//     for, it shows the one saved last. The model need not exist.
//   - The usage is what [Server.PutTokenUsage] gave. The default window is 31 days
//     before now. The model * is every model.
//
// A token lives for an hour, or as its request says. It looks like a JWT but is
// not validly signed.
//
// # Secrets
//
// A [Request] prints and logs without header and body, and the diff of
// [Server.AssertSaved] shows no secret. [Server.Integrations] and the fields of
// a Request do hold them, for whatever reads fields to see: encoding/json,
// go-cmp, testify.
package fake
