package doctor

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
)

// Past is a verification in an integration's history.
type Past struct {
	Verification
	// Changes lists the checks whose status differs from the previous
	// verification. It is nil while the verification runs, and for the first.
	Changes []Change
}

// Change is a check whose status differs from an earlier verification.
type Change struct {
	Code Code   `json:"code"`
	Was  Status `json:"was"`
	Is   Status `json:"is"`
}

// List returns an integration's verifications with their changes, newest
// first.
func (s *Service) List(
	ctx context.Context, actor access.Actor, workspace, idOrName string, request paging.Request,
) (paging.List[Past], error) {
	integrationID, err := s.resolve(ctx, actor, workspace, idOrName)
	if err != nil {
		return paging.List[Past]{}, err
	}
	found, err := s.config.Store.ListVerifications(ctx, workspace, integrationID, request)
	if err != nil {
		return paging.List[Past]{}, err
	}
	runs := found.Items
	if found.Next != "" { // the last one is compared with the first one of the next part
		next := paging.Request{Cursor: found.Next, Limit: 1}
		before, err := s.config.Store.ListVerifications(ctx, workspace, integrationID, next)
		if err != nil {
			return paging.List[Past]{}, err
		}
		runs = append(runs, before.Items...)
	}
	out := paging.List[Past]{Items: make([]Past, len(found.Items)), Next: found.Next}
	for n := range out.Items {
		out.Items[n].Verification = runs[n]
		if n+1 < len(runs) && runs[n].State != Running {
			out.Items[n].Changes = runs[n].changesSince(&runs[n+1])
		}
	}
	return out, nil
}

// changesSince returns the changes since an earlier verification.
func (v *Verification) changesSince(earlier *Verification) []Change {
	var changes []Change
	for _, c := range v.Checks {
		if was := earlier.Check(c.Code); was != nil && was.Status != c.Status {
			changes = append(changes, Change{Code: c.Code, Was: was.Status, Is: c.Status})
		}
	}
	return changes
}

// differs reports whether the result, or the revision of the integration,
// differs from an earlier verification.
func (v *Verification) differs(earlier *Verification) bool {
	return v.State != earlier.State || v.Subject.Revision != earlier.Subject.Revision ||
		len(v.Checks) != len(earlier.Checks) || len(v.changesSince(earlier)) > 0
}
