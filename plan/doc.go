// Package plan keeps the integrations of a cluster as a file or a program wants
// them: it shows what would change, changes it, and finds drift.
//
//	p, err := plan.New(ctx, client, desired, plan.Owner("payments"))
//	if err != nil {
//		return err
//	}
//	fmt.Print(p)          // the dry run; an empty plan means no drift
//	err = p.Apply(ctx)    // one save, and deletes if Prune was given
//
// [Ensure] does both in one call, for the start-up of a program. [Export] goes the
// other way and returns what a cluster has.
//
// # A plan
//
// A plan compares desired with one listing of the cluster. There is no state file,
// no lock and no server beside the cluster. The same desired and the same listing
// always give the same plan. A plan has changes, conflicts and notes. A change
// creates, updates or deletes one integration, and lists every field that it
// touches. A conflict forbids to apply the plan. A note tells what a reader should
// know, and blocks nothing. All of them come back at once. A plan prints as text
// for people and as JSON for programs, and holds no secret in either.
//
// # What is compared
//
// Category, description, enabled and tags are compared if desired has them. What
// desired leaves out ("" or nil) is not managed. The configuration is compared key
// by key, and a live key that desired lacks is removed. A nil configuration is an
// empty configuration. Absent, null and "" are equal, and so are 8080 and "8080".
// Models are compared by name. A live model that desired lacks stays. The
// configuration of a model is managed if it is not nil. Another type is a conflict
// ([ErrType]). Times, users and unknown fields are never compared.
//
// # What an update sends
//
// A save replaces an integration as a whole. An update therefore sends desired and
// live merged: the tags, the models, the descriptions and the switches that are not
// managed go back as they are. A save changes only what the plan shows. OAuth
// tokens, and values that the server masks and desired lacks or has as the mask,
// cannot go back: an update that would lose them is a conflict ([ErrTokens]). What the server sets by
// itself (keys that begin with oAuth2, and the projectName of Pinecone) is never
// compared.
//
// # Secrets
//
// A server may mask a value. If the server shows the value, the plan compares it
// and prints (secret). If not, there are two policies. [New] counts the value as
// equal, and a note says so. With [RewriteSecrets], and in [Ensure], the value is
// saved again, and the plan shows it with the sign "?". Without RewriteSecrets you
// can still send a rotated secret: change any tag in the file, and the save carries
// the secrets. Values of secret keys, of user and header, URLs with user info or a
// query, long texts, and texts that are equal to a secret are never shown.
//
// # Placeholders
//
// A plan needs no secrets. A value such as <OPENAI_API_KEY>, a mask, or a reference
// ${NAME} in the place of a secret may stand in desired. Such a value counts as a
// value that cannot be compared. [Plan.Apply] refuses to send it, with an
// [*integrations.ValidationError]. A pipeline can therefore plan without secrets
// and apply with them. [Plan.Digest] is the same in both cases.
//
// # Owners
//
// [Owner] puts the tag iac-owner on what desired holds. Nothing else is stored on
// the server. An integration of another owner is a conflict ([ErrOwner]). An
// integration without an owner is a conflict too ([ErrUnowned]), and [Adopt] takes
// it over. [Prune] deletes what carries our tag and is not desired, up to a limit
// ([ErrLimit]). Apply looks at the cluster a second time before it deletes. A run
// without Owner keeps the owner tag that it finds. In Conductor a tag can grant
// access: a grant on iac-owner=payments gives an application just these
// integrations.
//
// # Failures
//
// Invalid input, a failed listing and a conflict change nothing. After that, a
// failure is an [*ApplyError] with the stage: save, read or delete. A save whose
// outcome is unknown may have been carried out. Nothing is deleted after a save
// that failed. In every case the remedy is the same: make a new plan and apply it.
// The new plan holds what is left to do.
//
// # Concurrency
//
// The server has no compare-and-swap: of two saves at one time the last save wins.
// Replicas with the same desired write the same bytes, so that any number of them
// may call [Ensure]. Two files need two owners. While a release replaces another,
// give workers [CreateOnly] and let a pipeline update. A Plan is for one goroutine,
// and a Client is for many.
//
// # What a plan cannot see
//
// A plan sees what the listing shows to its credentials. An integration that they
// may not read looks new, and its save is refused with status 403. A masked secret
// may be out of date. Where the server counts models that it does not list, a note
// says so: a model of the file may be among them, and an update may remove them.
// Prompts, tags of models and token limits are not part of a plan.
package plan
