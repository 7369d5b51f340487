package delivery

import (
	"context"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// viewPrefix is the prefix of a view's parameters.
const viewPrefix = "p."

// isViewParameter reports whether a parameter has the form of a view's.
func isViewParameter(name string) bool {
	return len(name) > len(viewPrefix) && strings.EqualFold(name[:len(viewPrefix)], viewPrefix)
}

func hasViewParameter(values url.Values) bool {
	for name := range values {
		if isViewParameter(name) {
			return true
		}
	}
	return false
}

// viewParameters splits the parameters of a read into ordinary ones and, by name,
// those of the view. A dataset has no parameters, so p.x is a column. Only actors
// that may read the name learn whether it is a view.
func (s *Service) viewParameters(ctx context.Context, actor *access.Actor, workspace string, request *Request) (
	rest url.Values, parameters map[string]string, err error,
) {
	if s.config.Views == nil || !hasViewParameter(request.Values) {
		return request.Values, nil, nil
	}
	rest, parameters = url.Values{}, map[string]string{}
	for name, values := range request.Values {
		if !isViewParameter(name) {
			rest[name] = values
			continue
		}
		parameters[name[len(viewPrefix):]] = values[0]
		if len(values) != 1 {
			err = problem.New(problem.Invalid, "The parameter %s is given more than once.", excerpt(name)).
				WithReason(repeatedParameter).
				WithPlace(problem.Place{Parameter: clipped(name)}).WithHint("Send it once.")
		}
	}
	found, missing := s.config.Datasets.Dataset(ctx, workspace, request.Target.Datasets)
	if missing != nil && !problem.Is(missing, problem.NotFound) {
		return nil, nil, missing
	}
	if missing != nil || found.View == nil || !access.Allowed(*actor, access.DataRead,
		access.Resource{Workspace: workspace, Kind: found.Kind(), ID: found.ID}) {
		return request.Values, nil, nil
	}
	return rest, parameters, err
}

// openView opens a view and creates the query's plan for it.
func (a *Answer) openView(ctx context.Context, actor *access.Actor, found dataset.Dataset) error {
	if a.service.config.Views == nil {
		return access.Missing("dataset", found.Name)
	}
	opened, err := a.service.config.Views.OpenView(ctx, *actor, found, a.parameters)
	if err != nil {
		return err
	}
	p, err := a.query.planFor(opened.Dataset())
	if err != nil {
		opened.Close()
		return err
	}
	p.view, p.tag = opened, opened.Tag()
	a.plans = append(a.plans, p)
	return nil
}
