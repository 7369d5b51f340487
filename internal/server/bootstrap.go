package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/page"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Start is what a person needs to begin.
type Start struct {
	Workspace   string        // name
	WorkspaceID string        // "ws_…"
	SignIn      secret.String // address that signs the owner in, once, within 15 minutes
	TokenFile   string        // at the first start: the file with the first token; else empty
}

// setup acts at a start, before there is anyone else.
var setup = access.Actor{Kind: access.System, ID: access.Setup, Name: "setup"}

// Bootstrap makes, where they are missing, the workspace, its owner, and a
// first token in a file that only this user can read. It gives a sign-in link
// at every start: who can start the service can read its state.
func (s *Server) Bootstrap(ctx context.Context) (Start, error) {
	settings := &s.config.Settings
	made, err := s.workspaces.Ensure(ctx, setup, settings.Workspace)
	if err != nil {
		return Start{}, err
	}
	start := Start{Workspace: made.Name, WorkspaceID: made.ID}
	owner, first, err := s.owner(ctx, made.ID)
	if err != nil {
		return Start{}, err
	}
	if first {
		if start.TokenFile, err = s.firstToken(ctx, made.ID, owner.ID); err != nil {
			return Start{}, err
		}
	}
	link, err := s.workspaces.CreateLink(ctx, setup, made.ID, owner.ID)
	if err != nil {
		return Start{}, err
	}
	start.SignIn = secret.New(settings.PublicURL + "/sign-in/link/" + link.Reveal())
	return start, nil
}

// owner gives the workspace's owner, and makes one when there is no member.
func (s *Server) owner(ctx context.Context, workspaceID string) (owner workspace.Member, first bool, err error) {
	members, err := s.workspaces.Members(ctx, setup, workspaceID, page.Request{})
	if err != nil {
		return workspace.Member{}, false, err
	}
	for _, member := range members.Items {
		if member.Role == access.Owner {
			return member, false, nil
		}
	}
	owner, err = s.workspaces.AddMember(ctx, setup, workspaceID, workspace.NewMember{Email: s.config.Settings.Owner, Role: access.Owner})
	return owner, true, err
}

// firstToken makes a secret token and writes it to a file, so that it is never
// in a log.
func (s *Server) firstToken(ctx context.Context, workspaceID, ownerID string) (file string, err error) {
	_, text, err := s.tokens.Mint(ctx, setup, workspaceID, token.Draft{Kind: token.Secret, Name: "first", Maker: ownerID})
	if err != nil {
		return "", err
	}
	file = filepath.Join(s.config.Settings.Dir, "first-token")
	if err := os.WriteFile(file, []byte(text.Reveal()+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("writing the first token: %w", err)
	}
	return file, nil
}
