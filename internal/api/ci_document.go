package api

import (
	"cmp"
	"context"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/ci"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

type ciDocumentsInput struct {
	InWorkspace
	CI             string   `query:"ci" required:"true" enum:"circleci,github,gitlab,buildkite,terraform"`
	Way            string   `query:"way" default:"brokered" enum:"brokered,direct,user"`
	Bucket         string   `query:"bucket" required:"true" maxLength:"63"`
	Prefix         string   `query:"prefix" maxLength:"1024"`
	Access         string   `query:"access" default:"read" enum:"read,write,readwrite"`
	Region         string   `query:"region" maxLength:"32"`
	Grant          string   `query:"name" maxLength:"64" doc:"Name of the grant, role or user."`
	Server         string   `query:"server" maxLength:"512" doc:"Address of this service; default: its public address."`
	Integration    string   `query:"integration" maxLength:"64"`
	Account        string   `query:"account" maxLength:"12"`
	Organization   string   `query:"organization" maxLength:"100"`
	OrganizationID string   `query:"organization_id" maxLength:"100"`
	Project        string   `query:"project" maxLength:"255"`
	ProjectID      string   `query:"project_id" maxLength:"100"`
	Ref            string   `query:"ref" maxLength:"255"`
	Environment    string   `query:"environment" maxLength:"100"`
	Users          []string `query:"users" maxItems:"50"`
}

func (a *API) ciDocumentRoutes() {
	route(a, operation("get-ci-documents", "GET /v1/workspaces/{ws}/ci/documents", "CI access",
		"Generate ready-to-use documents for CI access to a bucket"), a.getCIDocuments)
}

func (a *API) getCIDocuments(_ context.Context, _ Call, in *ciDocumentsInput) (*body[ci.Guide], error) {
	guide, err := ci.Write(ci.Order{
		CI: provider.Kind(in.CI), Way: ci.Way(in.Way), Server: cmp.Or(in.Server, a.config.PublicURL),
		Workspace: in.Name, Integration: in.Integration,
		Account: in.Account, Bucket: in.Bucket, Prefix: in.Prefix, Access: generate.Access(in.Access),
		Region: in.Region, Name: in.Grant,
		Job: ci.Job{
			Organization: in.Organization, OrganizationID: in.OrganizationID, Project: in.Project,
			ProjectID: in.ProjectID,
			Ref:       in.Ref, Environment: in.Environment, Users: in.Users,
		},
	})
	return &body[ci.Guide]{guide}, err
}
