package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending"
)

// ciRevokePage asks before access is revoked, and afterwards has what ends the
// sessions that live on.
type ciRevokePage struct {
	shell
	Kind, ID, Name string // "grant" or "provider"
	Summary        string
	Stops          []stopView
	Confirm        string
	Done           bool
	Roles          []endedRole
}

// endedRole is one role with the policy that ends its live sessions.
type endedRole struct {
	RoleARN string
	Applied bool
	Detail  string
	Codes   []codeBlock
}

func (c *Console) revoke(w http.ResponseWriter, v *visit) error {
	p, err := c.revocation(v)
	if err != nil {
		return err
	}
	return c.showRevocation(w, v, http.StatusOK, p)
}

func (c *Console) showRevocation(w http.ResponseWriter, v *visit, status int, p *ciRevokePage) error {
	measured, err := c.config.Vending.Impact(v.Context(), v.actor, v.workspace, p.target())
	if err != nil {
		return err
	}
	p.Summary, p.Stops, p.Confirm = measured.Summary(), viewStops(measured.Stops), measured.Confirm
	c.show(w, v.Request, status, "ci_revoke", p)
	return nil
}

func (p *ciRevokePage) target() vending.Target {
	if p.Kind == "grant" {
		return vending.Target{Grant: p.ID}
	}
	return vending.Target{Provider: p.ID}
}

// revocation finds what the path names.
func (c *Console) revocation(v *visit) (*ciRevokePage, error) {
	p := &ciRevokePage{Kind: v.PathValue("kind"), ID: v.PathValue("id")}
	switch p.Kind {
	case "grant":
		found, err := c.config.Grants.Get(v.Context(), v.actor, v.workspace, p.ID)
		if err != nil {
			return nil, err
		}
		p.ID, p.Name = found.ID, found.Name
	case "provider":
		found, err := c.config.Providers.Get(v.Context(), v.actor, v.workspace, p.ID)
		if err != nil {
			return nil, err
		}
		p.ID, p.Name = found.ID, found.Name
	default:
		return nil, problem.New(problem.NotFound, "There is no such page.")
	}
	p.shell = c.shell(v, "Revoke "+p.Name, "/ci", crumb{"CI access", "/ci"},
		crumb{"Providers and grants", "/ci/access"})
	return p, nil
}

// revoked revokes, and shows what is left to be done.
func (c *Console) revoked(w http.ResponseWriter, v *visit) error {
	p, err := c.revocation(v)
	if err != nil {
		return err
	}
	target := p.target()
	target.Apply = v.PostFormValue("apply") != ""
	_, roles, err := c.config.Vending.Revoke(v.Context(), v.actor, v.workspace, target,
		impact.Confirmed(v.PostFormValue("confirm")))
	if rejected(err) {
		p.Problem = viewProblem(err)
		return c.showRevocation(w, v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	p.Done = true
	for n, role := range roles {
		p.Roles = append(p.Roles, endedRole{
			RoleARN: role.RoleARN, Applied: role.Applied, Detail: role.Detail,
			Codes: []codeBlock{
				{"revoke-policy-" + count(n), "Policy " + role.PolicyName, "json", indentJSON(role.Policy)},
				{"revoke-command-" + count(n), "AWS CLI, for the role’s owner", "sh", role.Command},
			},
		})
	}
	c.show(w, v.Request, http.StatusOK, "ci_revoke", p)
	return nil
}
