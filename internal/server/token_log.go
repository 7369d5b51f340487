package server

import (
	"context"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/token"
)

// loggedTokens is a store of tokens that records in the security log who
// created or adopted one.
type loggedTokens struct {
	*store.Store

	log *security.Log
}

// InsertToken stores a new token, or a session of the command line.
func (l loggedTokens) InsertToken(ctx context.Context, made token.Token) error {
	if err := l.Store.InsertToken(ctx, made); err != nil {
		return err
	}
	event := l.event(ctx, &made)
	event.Kind, event.Reason = security.TokenMinted, "A "+string(made.Kind)+" token was created."
	if made.Kind == token.Session {
		event.Kind, event.Subject, event.Method, event.Reason = security.SignInSucceeded, made.Maker, "cli",
			"The member signed in on the command line."
	}
	l.log.Record(ctx, event)
	return nil
}

// UpdateToken stores a changed token.
func (l loggedTokens) UpdateToken(ctx context.Context, changed token.Token) error {
	before, err := l.Token(ctx, changed.Workspace, changed.ID)
	if err != nil {
		return err
	}
	if err := l.Store.UpdateToken(ctx, changed); err != nil || before.Maker == changed.Maker {
		return err
	}
	event := l.event(ctx, &changed)
	event.Kind, event.Reason = security.TokenAdopted, "Another member became the maker of the token."
	l.log.Record(ctx, event)
	return nil
}

func (l loggedTokens) event(ctx context.Context, t *token.Token) security.Event {
	from := door.From(ctx)
	return security.Event{
		Address: from.Address, RequestID: from.ID, Subject: t.ID, Actor: t.Maker,
		Workspace: t.Workspace,
	}
}
