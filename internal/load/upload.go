package load

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// UploadSource is the source of loads whose rows were sent in a request.
const UploadSource = "upload"

// UploadStore stores the loads of uploads, which no worker runs.
type UploadStore interface {
	// InsertRunningLoad stores a new load that is already running. worker
	// holds its claim until the given time.
	InsertRunningLoad(ctx context.Context, made Load, worker string, until time.Time) error
}

// UploadOrder is the request for an upload.
type UploadOrder struct {
	Dataset     dataset.Dataset
	Duplicates  engine.Duplicates
	MaxRejected int64 // -1: any number
	By          string
}

// Upload is the load of rows that were sent in a request. The caller that began
// it must end it exactly once.
type Upload struct {
	service *Service
	worker  string
	stop    context.CancelFunc
	renewal sync.WaitGroup

	mu    sync.Mutex
	load  Load
	ended bool
}

// BeginUpload records that an upload is being read. The caller must have
// checked that the actor may write to the dataset.
func (s *Service) BeginUpload(ctx context.Context, order UploadOrder) (*Upload, error) {
	now := s.config.Now()
	u := &Upload{service: s, load: Load{
		ID: id.New("load", now), Workspace: order.Dataset.Workspace, SourceID: UploadSource,
		Dataset: order.Dataset.Name, DatasetID: order.Dataset.ID, Duplicates: order.Duplicates,
		MaxRejected: order.MaxRejected, MaxRejectedPercent: 100, By: order.By, State: Reading, Attempt: 1,
		Progress: Progress{Objects: 1}, CreatedAt: now, StartedAt: now,
	}}
	u.worker = "upload/" + u.load.ID
	if err := s.config.Store.InsertRunningLoad(ctx, u.load, u.worker, now.Add(lease)); err != nil {
		return nil, err
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	u.stop = stop
	u.renewal.Go(func() { u.renew(renewing) })
	return u, nil
}

// renew renews the claim while the upload runs.
func (u *Upload) renew(ctx context.Context) {
	ticker := time.NewTicker(lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			u.mu.Lock()
			running, ended := u.load, u.ended
			u.mu.Unlock()
			if !ended { // a failure shows when the upload ends
				_ = u.service.config.Store.SaveLoad(ctx, nil, running, u.worker, u.service.config.Now().Add(lease))
			}
		}
	}
}

// ID returns the load's ID.
func (u *Upload) ID() string { return u.load.ID }

// Commit records that the upload is loaded, in the transaction that commits its
// rows. It may be called again with another transaction.
func (u *Upload) Commit(ctx context.Context, tx engine.Tx, progress Progress, notes []string) error {
	ended := u.take(progress, notes)
	ended.State, ended.Outcome, ended.EndedAt = Loaded, Complete, u.service.config.Now()
	return u.service.config.Store.SaveLoad(ctx, tx, ended, u.worker, ended.EndedAt)
}

// Nothing ends an upload that had nothing to load.
func (u *Upload) Nothing(ctx context.Context, progress Progress, notes []string) error {
	u.stop()
	u.renewal.Wait()
	ended := u.take(progress, notes)
	ended.Progress.Objects = 0
	ended.State, ended.Outcome, ended.EndedAt = Loaded, Nothing, u.service.config.Now()
	u.observe(Loaded)
	return u.service.config.Store.SaveLoad(ctx, nil, ended, u.worker, ended.EndedAt)
}

// Close ends an upload. If outcome is an error, the load fails; otherwise
// call Commit first.
func (u *Upload) Close(ctx context.Context, progress Progress, outcome error) error {
	u.stop()
	u.renewal.Wait()
	if outcome == nil {
		u.observe(Loaded)
		return nil
	}
	reason := problem.From(outcome)
	ended := u.take(progress, nil)
	ended.State, ended.EndedAt = Failed, u.service.config.Now()
	ended.Fault, ended.Hint, ended.Code = reason.Message, reason.Hint, codeOf(reason)
	err := u.service.config.Store.SaveLoad(context.WithoutCancel(ctx), nil, ended, u.worker, ended.EndedAt)
	if errors.Is(err, ErrOver) { // someone cancelled it, or it isn't known whether it was committed
		return nil
	}
	u.observe(Failed)
	return err
}

// observe counts how the upload ended.
func (u *Upload) observe(state State) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.service.config.Observer.LoadEnded(string(state), "upload", u.load.Progress, 0,
		u.service.config.Now().Sub(u.load.StartedAt))
}

func (u *Upload) take(progress Progress, notes []string) Load {
	u.mu.Lock()
	defer u.mu.Unlock()
	progress.Objects = 1
	u.load.Progress, u.load.Notes, u.ended = progress, notes, true
	return u.load
}

// JobID returns the load's second ID, which the platform's clients know.
func (l *Load) JobID() string { return id.Hex(l.ID) }

// IDOfJob returns the ID of the load with a job ID. It returns any other text
// unchanged.
func IDOfJob(job string) string {
	if loadID, ok := id.FromHex("load", job); ok {
		return loadID
	}
	return job
}

// errInterrupted returns the error of an upload whose node stopped.
func errInterrupted() error {
	return problem.New(problem.Invalid, "The upload was interrupted because the service stopped.").
		WithReason("interrupted").WithHint("Send the rows again.")
}
