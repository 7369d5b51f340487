package server

import (
	"context"
	"fmt"
	"os"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Start has what a person needs to begin.
type Start struct {
	Workspace   string        // name
	WorkspaceID string        // "ws_…"
	SignIn      secret.String // at the first start: address that signs the owner in, once, within 15 minutes; else zero
	TokenFile   string        // at the first start: the file with the first token, which lasts 24 hours; else empty
}

// setup is the actor at the first start, before there are members.
var setup = access.Actor{Kind: access.System, ID: access.Setup, Name: "setup"}

// Bootstrap creates the workspace, its owner, and a first token in a file
// that only this user can read, if they are missing. At the first start it
// also returns a sign-in link. For later ones, use [Server.SignInLink].
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
	if !first {
		return start, s.deleteFirstToken()
	}
	if start.TokenFile, err = s.firstToken(ctx, made.ID, owner.ID); err != nil {
		return Start{}, err
	}
	start.SignIn, err = s.SignInLink(ctx, owner.ID)
	return start, err
}

// SignInLink returns an address that signs a member of the home workspace in,
// once, within 15 minutes. Without a member it is the owner who joined first.
func (s *Server) SignInLink(ctx context.Context, idOrEmail string) (secret.String, error) {
	home, err := s.workspaces.Resolve(ctx, s.config.Settings.Workspace)
	if err != nil {
		return secret.String{}, err
	}
	return signInLink(ctx, s.workspaces, &s.config.Settings, home, idOrEmail)
}

// owner returns the workspace's owner, and creates one if there is no member.
func (s *Server) owner(ctx context.Context, workspaceID string) (owner workspace.Member, first bool, err error) {
	members, err := s.workspaces.Members(ctx, setup, workspaceID, paging.Request{})
	if err != nil {
		return workspace.Member{}, false, err
	}
	for _, member := range members.Items {
		if member.Role == access.Owner {
			return member, false, nil
		}
	}
	if len(members.Items) > 0 { // the owners are further down the list
		return workspace.Member{}, false, nil
	}
	owner, err = s.workspaces.AddMember(ctx, setup, workspaceID, workspace.NewMember{
		Email: s.config.Settings.Owner,
		Role:  access.Owner,
	})
	if problem.Is(err, problem.Conflict) { // another starting node has just created the owner
		return workspace.Member{}, false, nil
	}
	return owner, true, err
}

// firstToken creates a secret token and writes it to a file, so that it is never
// in a log.
func (s *Server) firstToken(ctx context.Context, workspaceID, ownerID string) (file string, err error) {
	text, err := s.makeToken(ctx, workspaceID, ownerID, "first")
	if err != nil {
		return "", err
	}
	file = s.firstTokenFile()
	if err := os.WriteFile(file, []byte(text.Reveal()+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("writing the first token: %w", err)
	}
	return file, nil
}

// MakeToken returns a new secret token of the home workspace that is valid for
// 24 hours, for programs that embed the service.
func (s *Server) MakeToken(ctx context.Context, name string) (secret.String, error) {
	home, err := s.workspaces.Resolve(ctx, s.config.Settings.Workspace)
	if err != nil {
		return secret.String{}, err
	}
	owner, err := firstOwner(ctx, s.workspaces, home)
	if err != nil {
		return secret.String{}, err
	}
	return s.makeToken(ctx, home, owner.ID, name)
}

func (s *Server) makeToken(ctx context.Context, workspaceID, ownerID, name string) (secret.String, error) {
	_, text, err := s.tokens.Mint(ctx, setup, workspaceID, token.Draft{
		Kind: token.Secret, Name: name, Maker: ownerID, ExpiresAt: s.config.Now().Add(firstTokenLifetime),
	})
	return text, err
}
