package ci

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending"
)

// ciRevokePage asks before access is revoked. Afterwards it has the policies
// that end the sessions that are still active.
type ciRevokePage struct {
	page.Frame
	Kind, ID, Name string // "grant" or "provider"
	Summary        string
	Stops          []page.Stop
	Confirm        string
	Done           bool
	Roles          []endedRole
}

// endedRole is one role with the policy that ends its active sessions.
type endedRole struct {
	RoleARN string
	Applied bool
	Detail  string
	Codes   []page.Code
}

func (h *Handlers) revoke(w http.ResponseWriter, v *shell.Visit) error {
	p, err := h.revocation(v)
	if err != nil {
		return err
	}
	return h.showRevocation(w, v, http.StatusOK, p)
}

func (h *Handlers) showRevocation(w http.ResponseWriter, v *shell.Visit, status int, p *ciRevokePage) error {
	measured, err := h.Vending.Impact(v.Context(), v.Actor, v.Workspace, p.target())
	if err != nil {
		return err
	}
	p.Summary, p.Stops, p.Confirm = measured.Summary(), page.StopsOf(measured.Stops), measured.Confirm
	h.Show(w, v.Request, status, "ci/revoke", p)
	return nil
}

func (p *ciRevokePage) target() vending.Target {
	if p.Kind == "grant" {
		return vending.Target{Grant: p.ID}
	}
	return vending.Target{Provider: p.ID}
}

// revocation returns the page for the target that the path names.
func (h *Handlers) revocation(v *shell.Visit) (*ciRevokePage, error) {
	p := &ciRevokePage{Kind: v.PathValue("kind"), ID: v.PathValue("id")}
	switch p.Kind {
	case "grant":
		found, err := h.Grants.Get(v.Context(), v.Actor, v.Workspace, p.ID)
		if err != nil {
			return nil, err
		}
		p.ID, p.Name = found.ID, found.Name
	case "provider":
		found, err := h.Providers.Get(v.Context(), v.Actor, v.Workspace, p.ID)
		if err != nil {
			return nil, err
		}
		p.ID, p.Name = found.ID, found.Name
	default:
		return nil, problem.New(problem.NotFound, "This page doesn’t exist.")
	}
	p.Frame = h.Frame(v, "Revoke "+p.Name, "/ci", page.Crumb{Name: "CI access", Path: "/ci"},
		page.Crumb{Name: "Providers and grants", Path: "/ci/access"})
	return p, nil
}

// revoked revokes access, and shows what remains to be done.
func (h *Handlers) revoked(w http.ResponseWriter, v *shell.Visit) error {
	p, err := h.revocation(v)
	if err != nil {
		return err
	}
	target := p.target()
	target.Apply = v.PostFormValue("apply") != ""
	_, roles, err := h.Vending.Revoke(v.Context(), v.Actor, v.Workspace, target,
		impact.Confirmed(v.PostFormValue("confirm")))
	if shell.Rejected(err) {
		p.Problem = page.ProblemOf(err)
		return h.showRevocation(w, v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	p.Done = true
	for n, role := range roles {
		p.Roles = append(p.Roles, endedRole{
			RoleARN: role.RoleARN, Applied: role.Applied, Detail: role.Detail,
			Codes: []page.Code{
				{
					ID: "revoke-policy-" + page.Count(n), Label: "Policy " + role.PolicyName, Language: "json",
					Text: page.IndentJSON(role.Policy),
				},
				{
					ID: "revoke-command-" + page.Count(n), Label: "AWS CLI, for the role’s owner", Language: "sh",
					Text: role.Command,
				},
			},
		})
	}
	h.Show(w, v.Request, http.StatusOK, "ci/revoke", p)
	return nil
}
