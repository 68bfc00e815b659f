// Package plan keeps the integrations of a cluster as a file or a program wants
// them. It shows the changes, makes the changes, and finds drift.
//
//	p, err := plan.New(ctx, client, desired, plan.Owner("payments"))
//	if err != nil {
//		return err
//	}
//	fmt.Print(p)          // the dry run; an empty plan means no drift
//	err = p.Apply(ctx)    // one save, and deletes if Prune was given
//
// [Ensure] does both in one call, for the start-up of a program. [Export] goes the
// other way: it returns the integrations of a cluster as desired state.
//
// # A plan
//
// A plan compares desired with live. Desired is the list of integrations that the
// caller gives. Live is one listing of the cluster. There is no state file, no lock
// and no server beside the cluster. The same desired and the same listing always
// give the same plan. A plan has three parts, and all of them come back at once:
//
//   - A change creates, updates or deletes one integration. It lists every field
//     that it touches.
//   - A plan with a conflict cannot be applied. It shows all its conflicts.
//   - A note tells something that a reader should know. It blocks nothing.
//
// A plan prints as text for people and as JSON for programs. Neither form holds a
// secret.
//
// # What is compared
//
// An integration is compared by its name, field by field:
//
//   - Another type is a conflict ([ErrType]).
//   - Category, description, enabled and tags are compared if desired has them. A
//     field that desired leaves out ("" or nil) is not managed.
//   - The configuration is compared key by key. A live key that desired lacks is
//     removed. A nil configuration is an empty configuration.
//   - Absent, null and "" are equal.
//   - 8080 and "8080" are equal, also in a list or an object. An update sends the
//     form that the server has.
//   - Models are compared by name. A live model that desired lacks stays. The
//     configuration of a model is managed if it is not nil.
//   - Times, users and unknown fields are never compared. Nor are the values that
//     the server sets by itself: keys that begin with oAuth2, and the projectName
//     of Pinecone where live has one. An update adds no oAuth2 key: a create does.
//
// # What an update sends
//
// A save replaces an integration as a whole. An update therefore sends desired and
// live merged: the tags, the models, the descriptions and the switches that are not
// managed go back as they are. The save changes only the fields that the plan
// shows.
//
// Two kinds of values cannot go back: OAuth tokens, and values that the server
// masks while desired lacks them or has only the mask. An update that would lose
// such a value is a conflict ([ErrTokens]).
//
// # Secrets
//
// If the server shows a secret, the plan compares the secret and prints (secret).
// If the server masks a secret, there are two policies:
//
//   - [New] counts the value as equal, and a note says so. A rotated secret can
//     still be sent: change any tag in the file, and the save carries the secrets.
//   - With [RewriteSecrets], and in [Ensure], the value is saved again. The plan
//     shows the value with the sign "?".
//
// A plan never shows these values: values of secret keys, of user and of header,
// URLs with user info or a query, texts with a pair name=value such as connection
// strings, long texts, and texts that are equal to a secret.
//
// # Placeholders
//
// A plan needs no secrets. In the place of a secret, desired may have a value such
// as <OPENAI_API_KEY>, a mask, or a reference ${NAME}. Such a value counts as a
// value that cannot be compared. [Plan.Apply] refuses to send it, with an
// [*integrations.ValidationError]. A pipeline can therefore plan without secrets
// and apply with secrets. [Plan.Digest] is the same in both cases, but for a
// placeholder under a key that is not secret: there the digest covers the value.
//
// # Owners
//
// [Owner] puts the tag iac-owner on every integration that desired holds. Nothing
// else is stored on the server.
//
//   - An integration of another owner is a conflict ([ErrOwner]).
//   - An integration without an owner is a conflict ([ErrUnowned]). [Adopt] takes
//     it over.
//   - [Prune] deletes the integrations that carry our tag and are not desired, up
//     to a limit ([ErrLimit]). Apply looks at the cluster a second time before it
//     deletes.
//   - A run without Owner keeps the owner tag that it finds.
//
// In Conductor a tag can grant access: a grant on iac-owner=payments gives an
// application just these integrations.
//
// # Failures
//
// Invalid input, a failed listing and a conflict change nothing. After that, a
// failure is an [*ApplyError] with the stage: save, read or delete. If the outcome
// of a save is unknown, the save may have been carried out. Nothing is deleted
// after a save that failed. In every case the remedy is the same: make a new plan
// and apply it. The new plan holds the changes that are left.
//
// # Concurrency
//
// The server has no compare-and-swap: of two saves at one time the last save wins.
// Replicas with the same desired write the same bytes, so any number of replicas
// may call [Ensure]. Two files need two owners. While a release replaces another,
// give workers [CreateOnly] and let a pipeline update.
//
// A [Plan] is for one goroutine, and an [integrations.Client] is for many.
//
// # What a plan cannot see
//
// A plan sees only the listing that the server shows to the plan's credentials:
//
//   - An integration that the credentials may not read looks new. Its save is
//     refused with status 403.
//   - A masked secret may be out of date.
//   - A server may count more models than it lists, and a note says so. A model of
//     the file may be among the hidden models. An update may remove hidden models. A
//     secret alone is not rewritten then.
//
// Prompts, tags of models and token limits are not part of a plan.
package plan
