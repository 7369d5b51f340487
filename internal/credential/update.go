package credential

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/secret"
)

// Change changes a credential. A nil field doesn't change.
type Change struct {
	Name *string
	Key  *Key
}

// Key is an access key pair.
type Key struct {
	AccessKeyID     string
	SecretAccessKey secret.String
}

// Update renames a credential or replaces its key. Whatever uses the credential
// uses the new key from then on; its age counts from then, too.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, idOrName string, change Change) (
	Credential, error,
) {
	if err := s.check(ctx, actor, access.CredentialUpdate, workspace, idOrName); err != nil {
		return Credential{}, err
	}
	changed, err := s.config.Store.Credential(ctx, workspace, idOrName)
	if err != nil {
		return Credential{}, err
	}
	before := changed.Sealed
	draft := Draft{
		Name: changed.Name, AccessKeyID: changed.AccessKeyID, Region: changed.Region, Endpoint: changed.Endpoint,
	}
	if change.Name != nil && *change.Name != "" {
		draft.Name = *change.Name
	}
	if draft.SecretAccessKey, err = s.config.Sealer.Open(changed.Sealed, owner(changed.ID)); err != nil {
		return Credential{}, err
	}
	if change.Key != nil {
		draft.AccessKeyID, draft.SecretAccessKey = change.Key.AccessKeyID, change.Key.SecretAccessKey
	}
	if err := draft.validate(s.config.Endpoints); err != nil {
		return Credential{}, err
	}
	changed.Name, changed.AccessKeyID = draft.Name, draft.AccessKeyID
	if change.Key != nil {
		changed.CreatedAt = s.config.Now()
		if changed.Sealed, err = s.config.Sealer.Seal(draft.SecretAccessKey, owner(changed.ID)); err != nil {
			return Credential{}, err
		}
	}
	return changed, s.config.Store.SaveCredential(ctx, changed, before)
}
