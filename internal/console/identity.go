package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/principal"
)

// identityPage is who Windlass itself is to AWS.
type identityPage struct {
	shell
	Identity principal.Report
}

// RightMark reports whether an answer is as it should be.
func (identityPage) RightMark(r principal.Right) chip {
	switch {
	case r.Answer == principal.Unsure || r.Action == "iam:SimulatePrincipalPolicy":
		return chip{"", "circle-question-mark", string(r.Answer)}
	case r.Wanted == (r.Answer == principal.Allowed):
		return chip{"good", "circle-check", string(r.Answer)}
	}
	return chip{"warn", "triangle-alert", string(r.Answer)}
}

func (c *Console) identity(w http.ResponseWriter, v *visit) error {
	found, err := c.config.Identity.Show(v.Context(), v.actor)
	if err != nil {
		return err
	}
	c.show(w, v.Request, http.StatusOK, "identity", &identityPage{
		shell:    c.shell(v, "Identity", "/identity"),
		Identity: found,
	})
	return nil
}
