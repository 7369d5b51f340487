// Package credential stores customers' access keys. Secrets are sealed and
// never shown again. A role is better, because there is no key to lose.
package credential

import (
	"cmp"
	"context"
	"crypto/rand"
	"regexp"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/label"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Credential is an access key pair of AWS, or of an S3-compatible service.
type Credential struct {
	ID          string // "cred_…"
	Workspace   string // ID
	Name        string // unique in the workspace
	AccessKeyID string
	Sealed      []byte // the secret access key
	Region      string // of the buckets; empty: found automatically
	Endpoint    string // of an S3-compatible service; empty for AWS
	CreatedAt   time.Time
}

// RotateAfter is the age at which a key should be replaced. A long-term key
// works for anyone who has it, until someone deletes it.
const RotateAfter = 90 * 24 * time.Hour

// RotateBy returns when the key should be replaced. It counts from when the key
// was added to Windlass; the key itself may be older.
func (c *Credential) RotateBy() time.Time { return c.CreatedAt.Add(RotateAfter) }

// Limits.
const (
	MaxPerWorkspace = 200 // by default
)

// Config configures a [Service]. All fields are required unless they say
// optional.
type Config struct {
	Checker access.Checker
	Store   Store
	Sealer  Sealer
	// Endpoint is the default endpoint of buckets; empty for AWS. Optional.
	Endpoint string
	// Endpoints restricts endpoints.
	Endpoints dial.Policy
	Now       func() time.Time
	Most      int // access keys of a workspace; optional: MaxPerWorkspace
}

// Sealer encrypts and decrypts secrets. *seal.Sealer implements it.
type Sealer interface {
	Seal(plain secret.String, owner string) ([]byte, error)
	Open(sealed []byte, owner string) (secret.String, error)
	// Rewrap returns a sealed secret under the current master key. again is false
	// if it was already.
	Rewrap(sealed []byte) (rewrapped []byte, again bool, err error)
}

// Store stores credentials. If one is missing, the error is a problem with code
// not_found; if a name is taken, one with code conflict.
type Store interface {
	InsertCredential(ctx context.Context, made Credential) error
	Credential(ctx context.Context, workspace, idOrName string) (Credential, error)
	// ListCredentials returns a workspace's credentials, oldest first.
	ListCredentials(ctx context.Context, workspace string, request paging.Request) (paging.List[Credential], error)
	CountCredentials(ctx context.Context, workspace string) (int, error)
	// SaveCredential replaces a credential if its sealed secret still equals before.
	SaveCredential(ctx context.Context, changed Credential, before []byte) error
	DeleteCredential(ctx context.Context, workspace, id string) error
	// CredentialDependents returns the sources that use the credential.
	CredentialDependents(ctx context.Context, workspace, id string) ([]impact.Stop, error)

	// CredentialsAfter returns up to limit credentials of all workspaces with IDs
	// greater than id, in order.
	CredentialsAfter(ctx context.Context, id string, limit int) ([]Credential, error)
	// ResealCredential replaces a sealed secret if it still equals before.
	ResealCredential(ctx context.Context, id string, before, after []byte) error
}

// Service manages the credentials of all workspaces. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Draft describes a credential to add.
type Draft struct {
	Name            string // default: a random name
	AccessKeyID     string
	SecretAccessKey secret.String
	Region          string
	Endpoint        string
}

// Add seals and stores an access key.
func (s *Service) Add(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Credential, error) {
	now := s.config.Now()
	credentialID := id.New("cred", now) // the audit records it
	if err := s.check(ctx, actor, access.CredentialCreate, workspace, credentialID); err != nil {
		return Credential{}, err
	}
	if draft.Name == "" {
		draft.Name = "CREDENTIAL_" + rand.Text()[:9]
	}
	if err := draft.validate(s.config.Endpoints); err != nil {
		return Credential{}, err
	}
	if n, err := s.config.Store.CountCredentials(ctx, workspace); err != nil || n >= s.config.Most {
		if err == nil {
			err = problem.Full("access keys", n).WithHint("Remove keys that no source uses.")
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

// List returns a workspace's credentials, oldest first.
func (s *Service) List(
	ctx context.Context, actor access.Actor, workspace string, request paging.Request,
) (paging.List[Credential], error) {
	if err := s.check(ctx, actor, access.CredentialList, workspace, ""); err != nil {
		return paging.List[Credential]{}, err
	}
	return s.config.Store.ListCredentials(ctx, workspace, request)
}

// Get returns a credential by ID or name.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Credential, error) {
	if err := s.check(ctx, actor, access.CredentialRead, workspace, idOrName); err != nil {
		return Credential{}, err
	}
	return s.config.Store.Credential(ctx, workspace, idOrName)
}

// Remove removes a credential. It needs a confirmation when sources use the
// credential, because they can't load without it.
func (s *Service) Remove(
	ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation,
) error {
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

// Access returns access to one bucket with the key. The secret is decrypted at
// each use, until the credential is removed.
func (s *Service) Access(
	ctx context.Context, actor access.Actor, workspace, idOrName, bucket string,
) (object.Access, error) {
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

// validate validates a draft, and normalizes its endpoint.
func (d *Draft) validate(endpoints dial.Policy) error {
	var findings []problem.Finding
	add := func(path, message string) {
		findings = append(findings, problem.Finding{Path: path, Message: message})
	}
	if !label.Valid(d.Name) {
		add("name", "is longer than 255 bytes, or has characters that aren't printable")
	}
	if !keyIDForm.MatchString(d.AccessKeyID) {
		add("access_key_id", "isn't an access key ID, such as AKIA…")
	}
	if strings.HasPrefix(d.AccessKeyID, "ASIA") {
		add("access_key_id", "belongs to a session, which expires within hours; use a long-term key, or better, an integration")
	}
	key := d.SecretAccessKey.Reveal()
	if len(key) < 8 || len(key) > 256 || strings.ContainsAny(key, " \t\r\n") {
		add("secret_access_key", "isn't 8 to 256 characters without spaces")
	}
	if !regionForm.MatchString(d.Region) {
		add("region", "isn't a region, such as eu-central-1")
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
		return problem.New(problem.Invalid, "The access key is invalid: %s %s.", findings[0].Path, findings[0].Message).
			WithFindings(findings...)
	}
	return nil
}
