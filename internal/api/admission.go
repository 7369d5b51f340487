package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// needs has the actions of each operation; an actor needs one of them. A request
// whose actor can never perform any is refused before its body is read. The
// service decides about the others.
var needs = map[string][]access.Action{
	"list-audit":   {access.AuditList},
	"verify-audit": {access.AuditVerify},
	"export-audit": {access.AuditExport},

	"explain-token":          {access.GrantRead},
	"get-ci-documents":       {access.GrantRead},
	"list-revocations":       {access.RevocationList},
	"revoke":                 {access.RevocationCreate, access.GrantRemove, access.ProviderRemove},
	"get-revocation-impact":  {access.RevocationCreate, access.GrantRemove, access.ProviderRemove},
	"undo-revocation":        {access.RevocationRemove},
	"vend-credentials":       {access.GrantUse},
	"list-grants":            {access.GrantList},
	"create-grant":           {access.GrantCreate},
	"get-grant":              {access.GrantRead},
	"replace-grant":          {access.GrantUpdate},
	"revoke-grant":           {access.GrantRemove},
	"get-grant-impact":       {access.GrantRemove},
	"list-providers":         {access.ProviderList},
	"create-provider":        {access.ProviderCreate},
	"get-provider":           {access.ProviderRead},
	"update-provider":        {access.ProviderUpdate},
	"remove-provider":        {access.ProviderRemove},
	"get-provider-impact":    {access.ProviderRemove},
	"reach":                  {access.ReachRead},
	"get-identity":           {access.IdentityRead},
	"list-instance-security": {access.SecurityList},
	"list-security":          {access.SecurityList},
	"verify-security":        {access.SecurityList},
	"list-nodes":             {access.NodeList},
	"drain-node":             {access.NodeDrain},
	"resume-node":            {access.NodeDrain},

	"list-credentials":            {access.CredentialList},
	"add-credential":              {access.CredentialCreate},
	"get-credential":              {access.CredentialRead},
	"remove-credential":           {access.CredentialRemove},
	"get-credential-impact":       {access.CredentialRemove},
	"verify-credential":           {access.CredentialUse},
	"get-credential-verification": {access.CredentialRead},

	"read-dataset":   {access.DataRead},
	"read-key":       {access.DataRead},
	"read-subkey":    {access.DataRead},
	"follow-changes": {access.DataRead},

	"get-dataset-openapi": {access.DataRead},

	"query":              {access.DataQuery},
	"post-query":         {access.DataQuery},
	"upload-rows":        {access.DataWrite},
	"write-rows":         {access.DataWrite},
	"delete-rows":        {access.DataDelete},
	"delete-key":         {access.DataDelete},
	"delete-subkey":      {access.DataDelete},
	"delete-date":        {access.DataDelete},
	"list-datasets":      {access.DatasetList},
	"create-dataset":     {access.DatasetCreate},
	"get-dataset":        {access.DatasetRead},
	"update-dataset":     {access.DatasetUpdate},
	"delete-dataset":     {access.DatasetRemove},
	"get-dataset-impact": {access.DatasetRemove},
	"restore-dataset":    {access.DatasetUpdate},
	"change-schema":      {access.DatasetUpdate},

	"list-schema-changes": {access.DatasetRead},
	"list-drift":          {access.DatasetRead},

	"get-usage": {access.UsageRead},

	"list-views":      {access.ViewList},
	"create-view":     {access.ViewCreate},
	"get-view":        {access.ViewRead},
	"update-view":     {access.ViewUpdate},
	"delete-view":     {access.ViewRemove},
	"get-view-impact": {access.ViewRemove},

	"list-feeds":       {access.SourceList},
	"create-feed":      {access.SourceUpdate},
	"get-feed":         {access.SourceRead},
	"update-feed":      {access.SourceUpdate},
	"delete-feed":      {access.SourceUpdate},
	"get-feed-impact":  {access.SourceRead},
	"list-feed-ledger": {access.SourceRead},
	"skip-objects":     {access.SourceUpdate},

	"list-integrations":           {access.IntegrationList},
	"create-integration":          {access.IntegrationCreate},
	"onboard-role":                {access.IntegrationCreate},
	"onboard-role-alias":          {access.IntegrationCreate},
	"onboard-role-post":           {access.IntegrationCreate},
	"get-integration":             {access.IntegrationRead},
	"update-integration":          {access.IntegrationUpdate},
	"remove-integration":          {access.IntegrationRemove},
	"restore-integration":         {access.IntegrationRemove},
	"get-integration-impact":      {access.IntegrationRemove},
	"get-rotation-impact":         {access.IntegrationRotate},
	"start-rotation":              {access.IntegrationRotate},
	"complete-rotation":           {access.IntegrationRotate},
	"abandon-rotation":            {access.IntegrationRotate},
	"get-integration-setup":       {access.IntegrationRead},
	"check-integration-documents": {access.IntegrationRead},
	"list-verifications":          {access.IntegrationRead},
	"verify-integration":          {access.IntegrationVerify},
	"get-verification":            {access.IntegrationRead},
	"watch-verification":          {access.IntegrationRead},
	"get-verification-report":     {access.IntegrationRead},

	"platform-write-rows":           {access.DataWrite},
	"platform-bucket-contents":      {access.SourcePreview},
	"platform-list-credentials":     {access.CredentialList},
	"platform-create-credential":    {access.CredentialCreate},
	"platform-get-credential":       {access.CredentialRead},
	"platform-update-credential":    {access.CredentialUpdate},
	"platform-delete-credential":    {access.CredentialRemove},
	"platform-list-sources":         {access.SourceList},
	"platform-create-source":        {access.SourceCreate},
	"platform-get-source":           {access.SourceRead},
	"platform-update-source":        {access.SourceUpdate},
	"platform-delete-source":        {access.SourceRemove},
	"platform-sample-source":        {access.SourcePreview},
	"platform-generate-schema":      {access.SourcePreview},
	"platform-generate-schema-of":   {access.SourcePreview},
	"platform-list-schedules":       {access.ScheduleList},
	"platform-create-schedule":      {access.ScheduleCreate},
	"platform-get-schedule":         {access.ScheduleRead},
	"platform-update-schedule":      {access.ScheduleUpdate},
	"platform-delete-schedule":      {access.ScheduleRemove},
	"platform-ingestion-history":    {access.ScheduleList},
	"platform-run-schedule":         {access.ScheduleRun},
	"platform-list-webhooks":        {access.NotificationList},
	"platform-create-webhook":       {access.NotificationCreate},
	"platform-get-webhook":          {access.NotificationRead},
	"platform-update-webhook":       {access.NotificationUpdate},
	"platform-delete-webhook":       {access.NotificationRemove},
	"platform-ingestion-history-of": {access.ScheduleRead},
	"platform-logs":                 {access.LoadList},
	"platform-meta":                 {access.DatasetList},
	"platform-meta-workspace":       {access.DatasetList},
	"platform-meta-dataset":         {access.DataRead},
	"platform-meta-key":             {access.DataRead},
	"platform-meta-subkey":          {access.DataRead},

	"platform-create-job":          {access.LoadCreate},
	"platform-list-jobs":           {access.LoadList, access.LoadRead},
	"platform-get-job":             {access.LoadRead},
	"platform-cancel-job":          {access.LoadCancel},
	"platform-job-invalid-records": {access.LoadRead},
	"platform-list-schemas":        {access.DatasetList},
	"platform-list-schemas-of":     {access.DatasetList},
	"platform-list-datasets":       {access.DatasetList},
	"platform-create-dataset":      {access.DatasetCreate},
	"platform-get-dataset":         {access.DatasetRead},
	"platform-replace-dataset":     {access.DatasetUpdate},
	"platform-patch-dataset":       {access.DatasetUpdate},
	"platform-rename-dataset":      {access.DatasetUpdate},
	"platform-delete-dataset":      {access.DatasetRemove},

	"list-loads":        {access.LoadList},
	"start-load":        {access.LoadCreate},
	"get-load":          {access.LoadRead},
	"list-load-objects": {access.LoadRead},
	"watch-load":        {access.LoadRead},
	"cancel-load":       {access.LoadCancel},
	"get-load-rejects":  {access.LoadRead},

	"list-notifications":           {access.NotificationList},
	"create-notification":          {access.NotificationCreate},
	"get-notification":             {access.NotificationRead},
	"update-notification":          {access.NotificationUpdate},
	"delete-notification":          {access.NotificationRemove},
	"get-notification-impact":      {access.NotificationRemove},
	"test-notification":            {access.NotificationTest},
	"rotate-notification":          {access.NotificationUpdate},
	"list-notification-deliveries": {access.NotificationRead},
	"retry-notification-delivery":  {access.NotificationTest},

	"list-schedules":      {access.ScheduleList},
	"create-schedule":     {access.ScheduleCreate},
	"next-fire-times":     {access.ScheduleRead},
	"get-schedule":        {access.ScheduleRead},
	"update-schedule":     {access.ScheduleUpdate},
	"delete-schedule":     {access.ScheduleRemove},
	"get-schedule-impact": {access.ScheduleRemove},
	"pause-schedule":      {access.ScheduleUpdate},
	"resume-schedule":     {access.ScheduleUpdate},
	"run-schedule":        {access.ScheduleRun},
	"list-schedule-runs":  {access.ScheduleRead},

	"list-sources":      {access.SourceList},
	"create-source":     {access.SourceCreate},
	"get-source":        {access.SourceRead},
	"update-source":     {access.SourceUpdate},
	"delete-source":     {access.SourceRemove},
	"get-source-impact": {access.SourceRemove},
	"preview-source":    {access.SourcePreview},

	"preview-unsaved-source": {access.SourcePreview},

	"list-source-objects": {access.SourceObjects},

	"set-source-events":       {access.SourceUpdate},
	"get-source-events":       {access.SourceRead},
	"delete-source-events":    {access.SourceUpdate},
	"pause-source-events":     {access.SourceUpdate},
	"resume-source-events":    {access.SourceUpdate},
	"reconcile-source-events": {access.SourceUpdate},
	"get-source-events-setup": {access.SourceRead},
	"verify-source-events":    {access.SourceUpdate},
	"list-source-waiting":     {access.SourceRead},
	"list-source-event-lists": {access.SourceRead},

	"list-tokens":      {access.TokenList},
	"create-token":     {access.TokenCreate},
	"get-token":        {access.TokenRead},
	"update-token":     {access.TokenUpdate},
	"adopt-token":      {access.TokenAdopt},
	"revoke-token":     {access.TokenRevoke},
	"get-token-impact": {access.TokenRevoke},

	"get-workspace":          {access.WorkspaceRead},
	"list-members":           {access.MemberList},
	"add-member":             {access.MemberCreate},
	"update-member":          {access.MemberUpdate},
	"remove-member":          {access.MemberRemove},
	"get-member-impact":      {access.MemberRemove},
	"set-member-password":    {access.MemberUpdate},
	"remove-member-identity": {access.MemberUpdate},
	"create-sign-in-link":    {access.SignInCreate},
}

// Needs returns the actions of an operation, one of which is needed. ok is
// false if the operation needs none.
func Needs(operationID string) (actions []access.Action, ok bool) {
	actions, ok = needs[operationID]
	return slices.Clone(actions), ok
}

// forewarn refuses a request whose actor can never perform the operation,
// without reading the body. It records the refusal like any other.
func (a *API) forewarn(r *http.Request, operationID, path string, call *Call) error {
	actions, ok := needs[operationID]
	if !ok || a.config.Checker == nil {
		return nil
	}
	if !slices.ContainsFunc(actions, func(action access.Action) bool { return access.Possible(call.Actor, action) }) {
		kind, _, _ := strings.Cut(string(actions[0]), ".")
		resource := access.Resource{Workspace: call.Workspace, Kind: kind, ID: r.PathValue(lastParameter(path))}
		if call.Workspace == "" {
			resource.Workspace = call.Actor.Workspace
		}
		return a.config.Checker.Check(r.Context(), call.Actor, actions[0], resource)
	}
	if lookup := a.lookupOf(actions[0]); lookup != nil {
		return a.forewarnOf(r, actions[0], call, lookup)
	}
	return nil
}

// lookup returns a member or a token as a resource.
type lookup func(ctx context.Context, workspace, id string) (access.Resource, error)

// lookupOf returns a function that finds the resource of an action, if the
// decision depends on its owner and the change is in a body. Otherwise it
// returns nil.
func (a *API) lookupOf(action access.Action) lookup {
	switch {
	case action == access.MemberUpdate && a.config.Services.Workspaces != nil:
		return a.config.Services.Workspaces.Resource
	case action == access.TokenUpdate && a.config.Services.Tokens != nil:
		return a.config.Services.Tokens.Resource
	default:
		return nil
	}
}

// forewarnOf refuses a request whose actor may not perform the action on the
// member or token in its path.
func (a *API) forewarnOf(r *http.Request, action access.Action, call *Call, find lookup) error {
	id := r.PathValue("member")
	if action == access.TokenUpdate {
		id = r.PathValue("token")
	}
	resource, err := find(r.Context(), call.Workspace, id)
	switch {
	case problem.Is(err, problem.NotFound):
		return nil // the service decides about what doesn't exist
	case err != nil:
		return err
	case access.Allowed(call.Actor, action, resource):
		return nil
	default:
		return a.config.Checker.Check(r.Context(), call.Actor, action, resource)
	}
}

// lastParameter returns the name of the last parameter of a path, other than
// the workspace; empty if there is none.
func lastParameter(path string) string {
	start := strings.LastIndexByte(path, '{')
	if start < 0 {
		return ""
	}
	name, _, _ := strings.Cut(path[start+1:], "}")
	if name == "ws" {
		return ""
	}
	return name
}
