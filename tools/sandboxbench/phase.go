package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"
)

const (
	small, smallCount, smallWorkers = 4 << 10, 2000, 16
	large, largeCount, largeWorkers = 32 << 20, 12, 4
	listings                        = 40 // complete listings, by 4 workers
)

// phase is one kind of work, by several workers concurrently.
type phase struct {
	name    string
	unit    string
	count   int
	workers int
	amount  float64 // units in one piece of work
	work    func(ctx context.Context, s *server, round, i int, buffer []byte) error
}

func phases() []phase {
	tiny, huge := random(small), random(large)
	return []phase{
		{"put 4 KiB", "objects/s", smallCount, smallWorkers, 1, putter("s", tiny)},
		{"get 4 KiB", "objects/s", smallCount, smallWorkers, 1, getter("s")},
		{"list", "keys/s", listings, 4, smallCount, list},
		{"put 32 MiB", "MiB/s", largeCount, largeWorkers, large >> 20, putter("l", huge)},
		{"get 32 MiB", "MiB/s", largeCount, largeWorkers, large >> 20, getter("l")},
	}
}

func random(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.Read(data) // never returns an error
	return data
}

// key returns an object's key, unique to its round, so that no object is
// replaced.
func key(kind string, round, i int) *string {
	return aws.String(fmt.Sprintf("%s%d/%02x/%05d", kind, round, i%64, i))
}

func putter(kind string, body []byte) func(context.Context, *server, int, int, []byte) error {
	return func(ctx context.Context, s *server, round, i int, _ []byte) error {
		_, err := s.client.PutObject(
			ctx,
			&s3.PutObjectInput{Bucket: aws.String(bucket), Key: key(kind, round, i), Body: bytes.NewReader(body)},
		)
		return err
	}
}

func getter(kind string) func(context.Context, *server, int, int, []byte) error {
	return func(ctx context.Context, s *server, round, i int, buffer []byte) error {
		out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: key(kind, round, i)})
		if err != nil {
			return err
		}
		return drain(out.Body, buffer)
	}
}

// list lists the objects of a round, page by page.
func list(ctx context.Context, s *server, round, _ int, _ []byte) error {
	pages := s3.NewListObjectsV2Paginator(
		s.client,
		&s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: aws.String(fmt.Sprintf("s%d/", round))},
	)
	found := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		found += len(page.Contents)
	}
	if found != smallCount {
		return fmt.Errorf("listed %d keys, want %d", found, smallCount)
	}
	return nil
}

// measure runs a phase and returns its rate.
func (p phase) measure(ctx context.Context, s *server, round int) (rate, error) {
	next := make(chan int)
	group, ctx := errgroup.WithContext(ctx)
	began := time.Now() //nolint:forbidigo // a benchmark measures real time
	for range p.workers {
		group.Go(func() error {
			buffer := make([]byte, 256<<10)
			for i := range next {
				if err := p.work(ctx, s, round, i, buffer); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(next)
		for i := range p.count {
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return rate{}, err
	}
	return rate{float64(p.count) * p.amount / time.Since(began).Seconds(), p.unit}, nil
}
