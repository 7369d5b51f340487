// Package credential is the other way in: a customer's access key pair, kept
// sealed and never shown again. A role, through an integration, is better: it
// leaves no key to be lost.
package credential

import (
	"cmp"
	"context"
	"crypto/rand"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Credential is an access key pair of AWS, or of an S3-compatible service.
type Credential struct {
	ID          string // "cred_…"
	Workspace   string // workspace ID
	Name        string // unique in the workspace
	AccessKeyID string
	Sealed      []byte // the secret access key
	Region      string // of the buckets; empty: learned
	Endpoint    string // of an S3-compatible service; empty: AWS
	CreatedAt   time.Time
}

// RotateAfter is the age at which a key is to be replaced: it works for whoever
// has it until somebody ends it.
const RotateAfter = 90 * 24 * time.Hour

// RotateBy is when the key is to be replaced. Its age is told from when it was
// added here: it may be older.
func (c *Credential) RotateBy() time.Time { return c.CreatedAt.Add(RotateAfter) }

// Bounds.
const (
	MaxName         = 100
	MaxPerWorkspace = 200 // by default
)

// Config is what a [Service] needs. Every field without "optional" is required.
type Config struct {
	Checker access.Checker
	Store   Store
	Sealer  Sealer
	// Endpoint is where buckets are when a credential names no endpoint; empty
	// for AWS. Optional.
	Endpoint string
	// Endpoints decides which endpoints may be saved.
	Endpoints dial.Policy
	Now       func() time.Time
	Most      int // access keys of a workspace; optional: MaxPerWorkspace
}

// Sealer keeps secrets at rest; *seal.Sealer fulfils it.
type Sealer interface {
	Seal(plain secret.String, owner string) ([]byte, error)
	Open(sealed []byte, owner string) (secret.String, error)
	// Rewrap gives a sealed secret under the current master key; again is false
	// when it was so already.
	Rewrap(sealed []byte) (rewrapped []byte, again bool, err error)
}

// Store keeps credentials. A missing one is a problem of code not_found, a name
// that is taken one of code conflict.
type Store interface {
	InsertCredential(ctx context.Context, made Credential) error
	Credential(ctx context.Context, workspace, idOrName string) (Credential, error)
	// ListCredentials gives a workspace's credentials, oldest first.
	ListCredentials(ctx context.Context, workspace string, request paging.Request) (paging.List[Credential], error)
	CountCredentials(ctx context.Context, workspace string) (int, error)
	DeleteCredential(ctx context.Context, workspace, id string) error
	// CredentialDependents returns the sources that use the credential.
	CredentialDependents(ctx context.Context, workspace, id string) ([]impact.Stop, error)

	// CredentialsAfter gives the credentials of all workspaces whose IDs come
	// after one, in order, at most limit of them.
	CredentialsAfter(ctx context.Context, id string, limit int) ([]Credential, error)
	// ResealCredential replaces a sealed secret, unless it is another by now.
	ResealCredential(ctx context.Context, id string, before, after []byte) error
}

// Service is the credentials of all workspaces. It may be used from many
// goroutines at once.
type Service struct{ config Config }

// New makes the service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Draft is what a caller says of a new credential.
type Draft struct {
	Name            string // empty: made up
	AccessKeyID     string
	SecretAccessKey secret.String
	Region          string
	Endpoint        string
}

// Add seals and keeps an access key pair.
func (s *Service) Add(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Credential, error) {
	now := s.config.Now()
	credentialID := id.New("cred", now) // the audit names it
	if err := s.check(ctx, actor, access.CredentialCreate, workspace, credentialID); err != nil {
		return Credential{}, err
	}
	if draft.Name == "" {
		draft.Name = "CREDENTIAL_" + rand.Text()[:9]
	}
	if err := draft.check(s.config.Endpoints); err != nil {
		return Credential{}, err
	}
	if n, err := s.config.Store.CountCredentials(ctx, workspace); err != nil || n >= s.config.Most {
		if err == nil {
			err = problem.Full("access keys", n).WithHint("Remove those that no source uses.")
		}
		return Credential{}, err
	}
	made := Credential{
		ID: credentialID, Workspace: workspace, Name: draft.Name, AccessKeyID: draft.AccessKeyID,
		Region: draft.Region, Endpoint: draft.Endpoint, CreatedAt: now,
	}
	var err error
	if made.Sealed, err = s.config.Sealer.Seal(draft.SecretAccessKey, owner(made.ID)); err != nil {
		return Credential{}, err
	}
	return made, s.config.Store.InsertCredential(ctx, made)
}

// List gives a page of a workspace's credentials, oldest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (paging.List[Credential], error) {
	if err := s.check(ctx, actor, access.CredentialList, workspace, ""); err != nil {
		return paging.List[Credential]{}, err
	}
	return s.config.Store.ListCredentials(ctx, workspace, request)
}

// Get gives one credential by its ID or name.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Credential, error) {
	if err := s.check(ctx, actor, access.CredentialRead, workspace, idOrName); err != nil {
		return Credential{}, err
	}
	return s.config.Store.Credential(ctx, workspace, idOrName)
}

// Remove removes a credential. It needs a confirmation when sources use the
// credential: they can't load any more.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation) error {
	if err := s.check(ctx, actor, access.CredentialRemove, workspace, idOrName); err != nil {
		return err
	}
	found, err := s.config.Store.Credential(ctx, workspace, idOrName)
	if err != nil {
		return err
	}
	measured, err := s.removal(ctx, &found)
	if err != nil {
		return err
	}
	if err := measured.Check(given); err != nil {
		return err
	}
	return s.config.Store.DeleteCredential(ctx, workspace, found.ID)
}

// Access gives the way to read one bucket with the key pair. The keys are
// opened at each use: they stop when the credential is removed.
func (s *Service) Access(ctx context.Context, actor access.Actor, workspace, idOrName, bucket string) (object.Access, error) {
	if err := s.check(ctx, actor, access.CredentialUse, workspace, idOrName); err != nil {
		return object.Access{}, err
	}
	found, err := s.config.Store.Credential(ctx, workspace, idOrName)
	if err != nil {
		return object.Access{}, err
	}
	reach := object.Access{Bucket: bucket, Region: found.Region, Endpoint: found.Endpoint}
	if reach.Endpoint == "" {
		reach.Endpoint = s.config.Endpoint
	}
	reach.Keys = func(ctx context.Context) (object.Keys, error) {
		now, err := s.config.Store.Credential(ctx, workspace, found.ID)
		if err != nil {
			return object.Keys{}, err
		}
		opened, err := s.config.Sealer.Open(now.Sealed, owner(now.ID))
		return object.Keys{AccessKeyID: now.AccessKeyID, SecretAccessKey: opened}, err
	}
	return reach, nil
}

func owner(id string) string { return "credential/" + id }

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, id string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "credential", ID: id})
}

var (
	keyIDForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{3,128}$`)
	regionForm = regexp.MustCompile(`^[a-z0-9-]{0,40}$`)
)

// check validates a draft, and gives its endpoint its one spelling.
func (d *Draft) check(endpoints dial.Policy) error {
	var findings []problem.Finding
	add := func(path, message string) {
		findings = append(findings, problem.Finding{Path: path, Message: message})
	}
	if len(d.Name) > MaxName || d.Name != strings.TrimSpace(d.Name) || strings.ContainsFunc(d.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		add("name", "is longer than 100 bytes, or has characters that do not print")
	}
	if !keyIDForm.MatchString(d.AccessKeyID) {
		add("access_key_id", "is not an access key ID, such as AKIA…")
	}
	if strings.HasPrefix(d.AccessKeyID, "ASIA") {
		add("access_key_id", "is that of a session, which ends within hours; use a long-term key, or better an integration")
	}
	if n := len(d.SecretAccessKey.Reveal()); n < 8 || n > 256 || strings.ContainsAny(d.SecretAccessKey.Reveal(), " \t\r\n") {
		add("secret_access_key", "is not between 8 and 256 characters without spaces")
	}
	if !regionForm.MatchString(d.Region) {
		add("region", "is not a region, such as eu-central-1")
	}
	if d.Endpoint != "" {
		endpoint, err := endpoints.Endpoint(d.Endpoint)
		if err != nil {
			add("endpoint", err.Error())
		} else {
			d.Endpoint = endpoint
		}
	}
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The access key is not valid: %s %s.", findings[0].Path, findings[0].Message).WithFindings(findings...)
	}
	return nil
}
