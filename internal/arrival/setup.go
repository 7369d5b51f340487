package arrival

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/source"
)

// Setup writes what the customer pastes or runs to set up the queue of a source, in
// a format. An empty route is the setting's.
func (s *Service) Setup(
	ctx context.Context, actor access.Actor, workspace, idOrName string, format aws.Format, route Route,
) (string, error) {
	src, found, err := s.setting(ctx, actor, access.SourceRead, workspace, idOrName)
	if err != nil {
		return "", err
	}
	events, err := s.config.Integrations.QueueRole(ctx, actor, workspace, src.IntegrationID)
	if err != nil {
		return "", err
	}
	feeds, err := s.config.Store.EventFeeds(ctx, workspace, src.ID)
	if err != nil {
		return "", err
	}
	for _, feed := range feeds {
		events.Deletes = events.Deletes || feed.Removes
	}
	route = cmp.Or(route, found.Route)
	events.ID, events.Route, events.Bucket = "windlass-"+src.ID, aws.EventRoute(route), src.Bucket
	events.QueueARN, events.KMSKeyARN = found.Queue, found.KMSKeyARN
	if route == found.Route {
		events.SenderARN = found.SenderARN
	}
	if events.Prefix, events.Suffix, err = filterOf(&src); err != nil {
		return "", err
	}
	text, err := aws.RenderEvents(format, events)
	var input *generate.InputError
	if errors.As(err, &input) {
		code := problem.Invalid
		if input.Field == "route" && (route == Direct || route == Topic || route == EventBridge) {
			code = problem.Conflict
		}
		return "", problem.Wrap(err, code, "The %s %q can't be used: %s.", input.Field, input.Value, input.Reason).
			WithFindings(problem.Finding{Path: input.Field, Message: input.Reason})
	}
	return text, err
}

// filterOf returns the prefix and the suffix that all keys of a source have,
// according to its pattern.
func filterOf(src *source.Source) (prefix, suffix string, err error) {
	pattern, err := src.ParsePattern()
	if err != nil {
		return "", "", err
	}
	prefix = pattern.Prefix()
	last := src.Pattern[strings.LastIndex(src.Pattern, "/")+1:]
	if i := strings.LastIndexAny(last, "*?"); i >= 0 && !strings.ContainsAny(last, `{}[]\`) {
		suffix = last[i+1:]
	}
	return prefix, suffix, nil
}
