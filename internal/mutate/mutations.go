package main

const (
	root      = "."
	transport = "./internal/transport ."
)

// mutations breaks the security promises of the module, one after the other.
var mutations = []mutation{
	// Redirects.
	{"a redirect is not followed", "internal/transport/redirect.go",
		"case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,\n\t\thttp.StatusTemporaryRedirect, http.StatusPermanentRedirect:",
		"case 0:", transport},
	{"a redirect's address is shown without its user", "internal/transport/redirect.go",
		`return to.Scheme + "://" + to.Host + to.Path`, `return to.String()`, transport},

	// Limits.
	{"an answer is read up to its limit", "internal/transport/reply.go",
		"n, err = 0, ErrTooLarge", "n, err = 0, io.EOF", transport},
	{"an error's body is read up to its limit", "internal/transport/reply.go",
		"io.LimitReader(resp.Body, maxErrorBytes)", "io.LimitReader(resp.Body, maxErrorBytes<<6)", transport},
	{"a list has a bounded number of elements", "decode.go",
		"if total += int64(size); total > most {", "if total += int64(size); total > most<<40 {", root},
	{"an interim answer is not read", "internal/transport/reply.go",
		"case resp.StatusCode < 200:", "case resp.StatusCode < 100:", transport},
	{"a mint ends after some time", "internal/transport/minter.go",
		"mintLimit = 5 * time.Minute", "mintLimit = 500 * time.Minute", transport},

	// Tokens.
	{"nothing is sent without a token", "internal/transport/token.go",
		"return x.failure(ctx, err)\n\t}\n\tif token, err = sendable", "_ = err\n\t}\n\tif token, _ = sendable", transport},
	{"a refused token is dropped", "internal/transport/token.go",
		"m.forget(x.token, byCode)", "_ = m", transport},
	{"a server that refuses every token is not asked for tokens all the time", "internal/transport/minter.go",
		"case fresh && m.picky >= how:", "case false:", transport},
	{"a panic in a mint reaches a caller", "internal/transport/minter.go",
		"if panicked != nil {", "if false {", transport},

	// Redaction.
	{"the values of a request are redacted", "internal/transport/redact.go",
		"s.scan(x.call.Body)", "", transport},
	{"the token is redacted", "internal/transport/redact.go",
		"[]string{x.token, x.t.cfg.Credentials.KeySecret}", "[]string{x.t.cfg.Credentials.KeySecret}", transport},
	{"the key secret is redacted", "internal/transport/redact.go",
		"[]string{x.token, x.t.cfg.Credentials.KeySecret}", "[]string{x.token}", transport},
	{"the tokens of earlier attempts are redacted", "internal/transport/redact.go",
		", x.former...)", ")", transport},
	{"the lines of a value are redacted", "internal/transport/search.go",
		"case (c == 'n' || c == 'r') && p.inside:", "case false:", transport},
	{"a secret with escapes of its own is redacted", "internal/transport/unescape.go",
		"add(oneLine(unescape(all[i])))", "_ = unescape", transport},
	{"whole secrets are redacted before parts of secrets", "internal/transport/redact.go",
		"[]func(string) string{whole, head[string]}", "[]func(string) string{head[string]}", transport},
	{"the password of a URL is redacted", "internal/transport/url.go",
		"s.value(password, level)", "_ = password", transport},
	{"a parameter that names a secret is redacted", "internal/transport/url.go",
		"if !secret.NamesSecret(string(raw[begin:at])) {", "if secret.NamesSecret(string(raw[begin:at])) {", transport},
	{"a secret's beginning at the end of a long text is not shown", "internal/transport/redact.go",
		"hidden = cut(hidden, max(0, len(hidden)-maxTail))", "", transport},
	{"control characters and line breaks do not reach a terminal", "internal/transport/redact.go",
		"if terminal.Obeys(r) {", "if terminal.Obeys(r) && r < 0 {", transport},
	{"a log line holds no query", "internal/transport/log.go",
		"x.redact(withoutURL(err).Error())", "x.redact(err.Error())", transport},
	{"a log line is redacted", "internal/transport/log.go",
		"x.redact(withoutURL(err).Error())", "withoutURL(err).Error()", transport},

	// Printing.
	{"a configuration prints no value", "print.go",
		"func (c Configuration) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.keys()) }",
		"func (c Configuration) Format(f fmt.State, _ rune) { fmt.Fprint(f, map[ConfigKey]any(c)) }", root},
	{"a configuration logs no value", "print.go",
		"return slog.AnyValue(c.keys())", "return slog.AnyValue(map[ConfigKey]any(c))", root},
	{"a key that may be a value prints as its length", "internal/secret/secret.go",
		"if len(s) > longestName || strings.ContainsFunc(s, notInName) {", "if false {", "./internal/secret ."},

	// Masks and placeholders.
	{"a mask of x is refused", "internal/secret/secret.go",
		`return strings.Trim(s, "xX") == ""`, "return false", "./internal/secret ."},
	{"a placeholder is refused", "internal/secret/secret.go",
		"return strings.LastIndexByte(s, '<') == 0 &&", "return false &&", "./internal/secret ."},
	{"a mask inside a secret is refused", "internal/secret/mask.go",
		" || starsInside(s)", "", "./internal/secret . ./plan"},
	{"a mask in a list is refused", "internal/secret/mask.go",
		"return slices.ContainsFunc(d, HasMask)", "return len(d) < 0", "./internal/secret ."},
	{"an unfilled reference is refused in a secret's place", "validate_configuration.go",
		"case secret.Unfilled(s) && p.key.SecretIn(v.item.Type):", "case false:", root},

	// Names and repeats.
	{"a name is one segment of a path", "call.go",
		"url.PathEscape(a.value)", "a.value", root},
	{"a name is not the parent resource", "call.go",
		`case a.value == "." || a.value == "..":`, `case a.value == ".":`, root},
	{"a server URL has no user", "integrations.go",
		"case u.User != nil:", "case false:", root},
	{"events are not reported twice", "usage.go",
		"once:   true,", "once:   false,", root},
	{"a first 404 to a DELETE is an error", "internal/transport/retry.go",
		"return x.unsure && x.call.Method", "return x.call.Method", transport},

	// Plan.
	{"only what is ours is deleted", "plan/owner.go",
		"return len(owners) == 1 && owners[0] == owner", "return len(owners) >= 0 || owner == \"\"", "./plan"},
	{"what was saved since the plan is not deleted", "plan/apply.go",
		" || now.UpdateTime != c.UpdateTime", "", "./plan"},
	{"a plan sends no placeholder", "plan/apply.go",
		"if err := p.placeholders(); err != nil {", "if err := p.placeholders(); err != nil && p.applied {", "./plan"},
	{"nothing is deleted after a save that failed", "plan/apply.go",
		"if err := p.save(ctx); err != nil {", "if err := p.save(ctx); err != nil && p.count(Delete) == 0 {", "./plan"},
	{"a plan with a conflict sends nothing", "plan/apply.go",
		"if len(p.conflicts) > 0 {", "if len(p.conflicts) > 99 {", "./plan"},
	{"an empty file prunes nothing", "plan/plan.go",
		"if cfg.prune && len(desired) == 0 {", "if cfg.prune && len(desired) < 0 {", "./plan"},
	{"a plan shows no text that is equal to a secret", "plan/secret.go",
		`if s == "" || !v.isSecret(s) {`, "if true {", "./plan"},
	{"a plan shows no URL with a user or a query", "plan/secret.go",
		" || secret.MayCarry(s)", "", "./plan"},
	{"a server's text does not control a terminal", "plan/secret.go",
		`if s != "" && plain(s) {`, `if s != "" {`, "./plan"},
	{"an update adds no value that the server sets", "plan/merge.go",
		"if oAuth(key) && !now.unreadable() {", "if false {", "./plan"},
	{"a plan sends no mask that SaveAll refuses", "plan/placeholder.go",
		"case knownKeys()[key]:", "case false:", "./plan"},
	{"a hidden model is not removed to rewrite a secret", "plan/build.go",
		"case onlyRewrites && countUnlisted(live) > 0:", "case false:", "./plan"},
	{"an export holds no value that a plan hides", "plan/export.go",
		" || e.hides(key, v)", "", "./plan"},

	// Digest.
	{"a digest covers a model that may be hidden", "plan/models.go",
		"c.approved = append(c.approved, whole.approved...)", "", "./plan"},
	{"a digest covers no header", "plan/digest.go",
		"case hiddenKey(key):", "case false:", "./plan"},
	{"a digest covers no value in a list", "plan/digest.go",
		"case want.compound || live.compound || ", "case ", "./plan"},
	{"a digest covers no part of a text that may be secret", "plan/digest.go",
		"part := secret.Skeleton(v.withoutSecrets(s));", "part, _ := v.withoutSecrets(s), secret.Skeleton;", "./plan"},
	{"a skeleton has no user and no password", "internal/secret/skeleton.go",
		"host, path = host[at+1:], ", "host, path = host, ", "./internal/secret"},
	{"a skeleton has no query", "internal/secret/skeleton.go",
		"s = s[:end] //", "_ = end //", "./internal/secret"},
	{"a skeleton has no value that is named like a secret", "internal/secret/skeleton.go",
		"case isSecret:", "case false:", "./internal/secret"},
	{"another digest lets only secrets pass", "cmd/integrations/apply.go",
		" || !f.Sensitive }", " }", "./cmd/integrations"},

	// Files.
	{"a file has a bounded number of values", "manifest/weight.go",
		"weight > limit {", "weight > limit<<10 {", "./manifest"},
	{"the name of a file gives no command", "internal/terminal/terminal.go",
		"if isCommand || ", "if isCommand && ", "./internal/terminal"},

	// Fake.
	{"the fake's diff shows no secret", "fake/assert.go",
		"\thideSecrets(wanted, saved)\n", "", "./fake"},
}
