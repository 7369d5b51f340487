package api

import (
	"cmp"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/problem"
)

// onboardingPath is how the platform's own clients make an AWS integration.
const onboardingPath = "/v1/aws-onboarding/{ws}"

// onboarded is how those clients hear of it.
type onboarded struct {
	Success    bool   `json:"success"`
	Message    string `json:"message"`
	RoleARN    string `json:"roleArn"`
	ExternalID string `json:"externalId"`
	UserARN    string `json:"userArn"`
	ID         string `json:"id"`
	State      string `json:"state"`
}

func (a *API) onboardingRoutes() {
	for _, r := range []struct{ id, methodPath string }{
		{"onboard-role", "GET " + onboardingPath},
		{"onboard-role-alias", "GET " + onboardingPath + "/configure-aws-s3"},
		{"onboard-role-post", "POST " + onboardingPath},
	} {
		op := operation(r.id, r.methodPath, "Integrations", "The integration of a role; created if it doesn't exist")
		op.Description = "For clients of the platform: the role first, its locations later. It makes an integration by a GET, so it wants a secret token, and asked again it makes no second. New programs use POST /v1/workspaces/{ws}/integrations."
		op.DefaultStatus = http.StatusOK
		if op.Method == http.MethodGet {
			op.Security = []map[string][]string{{"bearer": {}}, {"query": {}}}
		}
		op.Parameters = append(pathParameters("ws"), parameter("arnrole", huma.TypeString, "The role's ARN."))
		op.Responses = dataResponses("External ID and User ARN for the role's trust policy.", "application/json")
		a.raw(op, a.onboard)
	}
}

func (a *API) onboard(w http.ResponseWriter, r *http.Request, call Call) error {
	if r.Method == http.MethodHead { // what a GET pattern takes too, and what nobody means
		return problem.New(problem.Invalid, "HEAD makes nothing.").WithHint("Use POST.")
	}
	query := r.URL.Query()
	given := cmp.Or(query.Get("externalId"), query.Get("external_id"), query.Get("externalid"))
	found, made, err := a.config.Services.Integrations.Onboard(r.Context(), call.Actor, call.Workspace,
		query.Get("arnrole"), given)
	if err != nil {
		return a.refuseData(w, r, err)
	}
	out := onboarded{
		Success: true, Message: "AWS integration exists", RoleARN: string(found.RoleARN),
		ExternalID: string(found.ExternalID),
		UserARN:    found.PrincipalARN, ID: found.ID, State: string(found.State),
	}
	if made {
		out.Message = "AWS integration has been created"
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(out)
}
