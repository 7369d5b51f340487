package platform

import (
	"cmp"
	"net/http"

	"github.com/windlass-io/windlass/internal/problem"
)

// onboarded is the platform's response about the workspace's integration.
type onboarded struct {
	done
	RoleARN    string `json:"roleArn"`
	ExternalID string `json:"externalId"`
	UserARN    string `json:"userArn"`
	ID         string `json:"id"`
	State      string `json:"state"`
}

func (p *Platform) onboardingRoutes() []Route {
	const path = "/v1/aws-onboarding/{ws}"
	routes := []Route{
		{ID: "onboard-role", Method: http.MethodGet, Path: path},
		{ID: "onboard-role-alias", Method: http.MethodGet, Path: path + "/configure-aws-s3"},
		{ID: "onboard-role-post", Method: http.MethodPost, Path: path},
	}
	for i := range routes {
		routes[i].Tag, routes[i].Handle = "Integrations", answering(p.onboard)
		routes[i].Summary = "Get the integration of a role; created if it doesn't exist"
		routes[i].Description = "For clients of the platform, which set the role first and its locations later. " +
			"Because a GET creates the integration, it needs a secret token, and repeating it creates no second " +
			"one. POST also reads arnrole from a JSON body. New programs should use POST " +
			"/v1/workspaces/{ws}/integrations."
		routes[i].Query = []Parameter{
			{Name: "arnrole", Doc: "The role's ARN."},
			{Name: "externalId", Doc: "Refused: Windlass generates it."},
		}
	}
	return routes
}

func (p *Platform) onboard(r *http.Request, call Call) (any, error) {
	if r.Method == http.MethodHead { // GET patterns also match HEAD, which isn't intended here
		return nil, problem.New(problem.Invalid, "HEAD makes nothing.").WithHint("Use POST.")
	}
	role, given := parameter(r, "arnrole"), cmp.Or(parameter(r, "externalId"), parameter(r, "external_id"))
	if r.Method == http.MethodPost && role == "" {
		var err error
		if role, given, err = p.roleInBody(r, given); err != nil {
			return nil, err
		}
	}
	found, made, err := p.config.Integrations.Onboard(r.Context(), call.Actor, call.Workspace, role, given)
	if err != nil {
		return nil, err
	}
	out := onboarded{
		done: done{
			true,
			"AWS integration exists",
		}, RoleARN: string(found.RoleARN), ExternalID: string(found.ExternalID),
		UserARN: found.PrincipalARN, ID: found.ID, State: string(found.State),
	}
	if made {
		out.Message = "AWS integration has been created"
	}
	return out, nil
}

// roleInBody returns the role's ARN in the body of a POST, and the External ID if the
// query has none. The body may be missing.
func (p *Platform) roleInBody(r *http.Request, externalID string) (role, given string, err error) {
	if r.ContentLength == 0 {
		return "", externalID, nil
	}
	sent, err := p.readBody(nil, r)
	if err != nil {
		return "", "", err
	}
	in := &taking{members: sent}
	role = in.text("arnrole", "roleArn", "arnRole")
	given = cmp.Or(externalID, in.text("externalId", "external_id"))
	return role, given, in.end()
}
