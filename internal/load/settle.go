package load

import (
	"context"
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
)

// settleDataset finds the dataset, or makes it with a schema guessed from the
// oldest object that can be read.
func (u *run) settleDataset(ctx context.Context) error {
	found, err := u.config.Datasets.Get(ctx, u.actor, u.load.Workspace, u.load.Dataset)
	if problem.Is(err, problem.NotFound) {
		found, err = u.makeDataset(ctx)
	}
	if err != nil {
		return err
	}
	u.dataset, u.load.DatasetID = found, found.ID
	resource := access.Resource{Workspace: u.load.Workspace, Kind: "dataset", ID: found.ID}
	return u.config.Checker.Check(ctx, u.actor, access.DataWrite, resource)
}

func (u *run) makeDataset(ctx context.Context) (dataset.Dataset, error) {
	if len(u.objects) == 0 {
		return dataset.Dataset{}, u.nothingToGuessFrom()
	}
	schema, from, err := u.guess(ctx)
	if err != nil {
		return dataset.Dataset{}, err
	}
	made, created, err := u.config.Datasets.Ensure(ctx, u.actor, u.load.Workspace,
		dataset.Draft{Name: u.load.Dataset, Schema: schema})
	if err == nil && created {
		u.note("The dataset was made with %d columns, guessed from the beginning of %s.", len(schema.Columns), from)
		u.note("%s", schema.Index.Reason)
	}
	return made, err
}

func (u *run) nothingToGuessFrom() error {
	if u.load.Progress.Known > 0 {
		return problem.New(problem.Conflict, "There is no dataset %s, and the source's %d objects were all loaded into another.", u.load.Dataset, u.load.Progress.Known).
			WithHint("A source brings each object once: make another source for another dataset.")
	}
	return problem.New(problem.Invalid, "No object matches %s.", u.address()).
		WithHint("Look at the source's objects: each says why it does not match.")
}

// guess infers the schema. Objects that cannot be read are passed over; when
// none can, the first one's reason is told.
func (u *run) guess(ctx context.Context) (dataset.Schema, string, error) {
	hint := ""
	for info := range u.fitObjects {
		schema, err := u.guessFrom(ctx, info)
		if err == nil {
			return schema, info.Key, nil
		}
		reason, err := u.fault(ctx, unchanging(err))
		if err != nil {
			return dataset.Schema{}, "", err
		}
		u.refuse(info, reason.Message)
		if hint == "" {
			hint = reason.Hint
		}
	}
	return dataset.Schema{}, "", problem.From(u.allUnread()).WithHint("%s", hint)
}

func (u *run) guessFrom(ctx context.Context, info object.Info) (dataset.Schema, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	content, err := tabular.Open(ctx, u.input(info, nil), u.options())
	if err != nil {
		return dataset.Schema{}, err
	}
	schema, err := content.Infer(ctx)
	return schema, errors.Join(err, content.Close())
}

// refuse keeps that an object cannot be read.
func (u *run) refuse(info object.Info, reason string) {
	u.unfit[versionOf(info)] = reason
	u.load.Progress.ObjectsDone++
	if len(u.load.Problems) < MaxProblems {
		u.load.Problems = append(u.load.Problems, Problem{Key: info.Key, Reason: reason})
	}
}

// fault tells an object that cannot be read, which is the answer, from a load
// that cannot go on, which is the error.
func (u *run) fault(ctx context.Context, err error) (*problem.Error, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var f *object.Failure
	switch {
	case errors.As(err, &f):
		return refused(f)
	case problem.Is(err, problem.Invalid), problem.Is(err, problem.TooLarge), problem.Is(err, problem.Forbidden):
		return problem.From(err), nil
	}
	return nil, fmt.Errorf("reading an object: %w", err)
}

// refused tells a refusal of one object from one of the whole bucket, and from
// no answer at all.
func refused(f *object.Failure) (*problem.Error, error) {
	switch {
	case f.Operation != "GetObject" || f.Status == 0 || f.Status >= 500 || f.Code == "NoSuchBucket":
		return nil, object.Refusal(f)
	case f.Code == "InvalidObjectState":
		return problem.Wrap(f, problem.Refused, "It is archived and must be restored before it can be read.").
			WithHint("Restore it, or leave its storage class out with an exclusion."), nil
	case f.Missing():
		return problem.Wrap(f, problem.Refused, "It was deleted after it was listed."), nil
	case f.Denied():
		return problem.Wrap(f, problem.Refused, "Reading it was denied (%s).", f.Code).
			WithHint("Verify the integration: it says which statement is missing."), nil
	}
	return problem.Wrap(f, problem.Refused, "It could not be read: %d %s: %s.", f.Status, f.Code, f.Message), nil
}
