package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"
)

// logAttempt logs one attempt. status is 0 when there was no answer.
func (x *exchange) logAttempt(ctx context.Context, status int, err error, begun time.Time) {
	if x.t.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		x.log(ctx, slog.LevelDebug, "conductor request", status, err, slog.Duration("duration", time.Since(begun)))
	}
}

// logRetry logs that another attempt follows f.
func (x *exchange) logRetry(ctx context.Context, f *Failure, wait time.Duration) {
	if x.t.cfg.Logger.Enabled(ctx, slog.LevelWarn) {
		x.log(ctx, slog.LevelWarn, "conductor request will be repeated", f.Status, f.Err, slog.Duration("wait", wait))
	}
}

func (x *exchange) log(ctx context.Context, level slog.Level, msg string, status int, err error, more slog.Attr) {
	attrs := []slog.Attr{
		slog.String("op", x.call.Op),
		slog.String("method", x.call.Method),
		slog.String("path", x.t.cfg.BaseURL.EscapedPath()+x.call.Path),
	}
	if status != 0 {
		attrs = append(attrs, slog.Int("status", status))
	}
	attrs = append(attrs, slog.Int("attempt", x.attempts), more)
	if err != nil {
		attrs = append(attrs, slog.String("error", x.redact(withoutURL(err).Error())))
	}
	x.t.cfg.Logger.LogAttrs(ctx, level, msg, attrs...)
}

// withoutURL returns what net/http wraps in an error with the URL, which has
// the query.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
