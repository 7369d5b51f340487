package api

import (
	"context"

	"github.com/windlass-io/windlass/internal/pipeline"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
)

// PipelineSpec is embedded in bodies: what is created with a source.
type PipelineSpec struct {
	Dataset  string        `json:"dataset,omitempty"  maxLength:"255" doc:"The dataset to load into, by name. Creates a feed. The first load creates the dataset."`
	Feed     *FeedSettings `json:"feed,omitempty"                     doc:"Settings of the feed. Needs dataset."`
	Schedule *NewSchedule  `json:"schedule,omitempty"                 doc:"A schedule that loads the source. Needs dataset."`
	Load     bool          `json:"load,omitempty"                     doc:"Also start a load. Needs dataset."`
}

// NewSchedule is a schedule that is created with its source.
type NewSchedule struct {
	Name string `json:"name,omitempty"   maxLength:"255" doc:"Default: generated."`
	ScheduleTimes
	Paused bool `json:"paused,omitempty"`
}

// CreatedSource is a new source with what was created beside it.
type CreatedSource struct {
	Source
	Feed     *Feed     `json:"feed,omitempty"`
	Schedule *Schedule `json:"schedule,omitempty"`
	Load     *Load     `json:"load,omitempty"`
}

type createSourceInput struct {
	InWorkspace
	Body struct {
		SourceSpec
		PipelineSpec
	}
}

func (a *API) createSource(ctx context.Context, call Call, in *createSourceInput) (*body[CreatedSource], error) {
	if a.config.Services.Pipelines == nil {
		made, err := a.config.Services.Sources.Create(ctx, call.Actor, call.Workspace, in.Body.draft())
		return &body[CreatedSource]{CreatedSource{Source: toSource(made)}}, err
	}
	draft, err := in.Body.pipeline(in.Body.draft())
	if err != nil {
		return nil, err
	}
	made, err := a.config.Services.Pipelines.Create(ctx, call.Actor, call.Workspace, draft)
	if err != nil {
		return nil, err
	}
	out := CreatedSource{Source: toSource(made.Source)}
	if made.Feed != nil {
		feed := toFeed(*made.Feed)
		out.Feed = &feed
	}
	if made.Load != nil {
		load := toLoad(*made.Load)
		out.Load = &load
	}
	if made.Schedule != nil {
		shown, err := a.shownSchedule(ctx, *made.Schedule)
		if err != nil {
			return nil, err
		}
		out.Schedule = &shown.Body
	}
	return &body[CreatedSource]{out}, nil
}

// pipeline returns the draft of a source with what is created beside it.
func (s *PipelineSpec) pipeline(src source.Draft) (pipeline.Draft, error) {
	draft := pipeline.Draft{Source: src, Dataset: s.Dataset, Load: s.Load}
	if s.Feed != nil {
		draft.Feed = s.Feed.change()
	}
	if s.Schedule != nil {
		draft.Schedule = &schedule.Draft{Name: s.Schedule.Name, Paused: s.Schedule.Paused}
		if err := s.Schedule.addTo(draft.Schedule); err != nil {
			return pipeline.Draft{}, err
		}
	}
	return draft, nil
}
