package doctor

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
)

// Past is a verification in an integration's history.
type Past struct {
	Verification
	// Changes are the checks that came out otherwise than in the verification
	// before it; nil while it runs, and of the first.
	Changes []Change
}

// Change is a check whose answer is another than in an earlier verification.
type Change struct {
	Code Code   `json:"code"`
	Was  Status `json:"was"`
	Is   Status `json:"is"`
}

// List gives an integration's verifications, newest first, each with what
// changed in it.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace, idOrName string, request paging.Request) (paging.List[Past], error) {
	integrationID, err := s.resolve(ctx, actor, workspace, idOrName)
	if err != nil {
		return paging.List[Past]{}, err
	}
	found, err := s.config.Store.ListVerifications(ctx, workspace, integrationID, request)
	if err != nil {
		return paging.List[Past]{}, err
	}
	runs := found.Items
	if found.Next != "" { // what the last of this page is compared with is on the next
		before, err := s.config.Store.ListVerifications(ctx, workspace, integrationID, paging.Request{Cursor: found.Next, Limit: 1})
		if err != nil {
			return paging.List[Past]{}, err
		}
		runs = append(runs, before.Items...)
	}
	out := paging.List[Past]{Items: make([]Past, len(found.Items)), Next: found.Next}
	for n := range out.Items {
		out.Items[n].Verification = runs[n]
		if n+1 < len(runs) && runs[n].State != Running {
			out.Items[n].Changes = runs[n].since(&runs[n+1])
		}
	}
	return out, nil
}

// since tells what changed since an earlier verification.
func (v *Verification) since(earlier *Verification) []Change {
	var changes []Change
	for _, c := range v.Checks {
		if was := earlier.Check(c.Code); was != nil && was.Status != c.Status {
			changes = append(changes, Change{Code: c.Code, Was: was.Status, Is: c.Status})
		}
	}
	return changes
}

// differs says whether it came to something else than an earlier verification,
// or is about another revision of the integration.
func (v *Verification) differs(earlier *Verification) bool {
	return v.State != earlier.State || v.Subject.Revision != earlier.Subject.Revision ||
		len(v.Checks) != len(earlier.Checks) || len(v.since(earlier)) > 0
}
