package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/tools/rig"
)

// result is the measurement of a load.
type result struct {
	rows    int64
	peak    float64 // MiB
	seconds float64
	cpu     float64 // seconds
}

// measure loads a case's objects into a new service and reads its peak.
func measure(ctx context.Context, o *options, dir string, b *bucket, name string) (r result, err error) {
	s, err := startService(ctx, o, dir, b, name)
	if err != nil {
		return result{}, err
	}
	defer s.stop()
	began, used := time.Now(), cpuOf(s.process.ID()) //nolint:forbidigo // it measures time
	load, err := loadAll(ctx, s.api, b, name)
	if err != nil {
		return result{}, err
	}
	r = result{
		rows: load.Progress.Rows, seconds: time.Since(began).Seconds(), cpu: (cpuOf(s.process.ID()) - used).Seconds(),
	}
	r.peak, err = peakOf(s.process.ID())
	return r, err
}

// service is a service of its own.
type service struct {
	process *rig.Process
	api     *client.Client
	url     string
	token   string
	state   string
}

// startService starts a service with the memory setting.
func startService(ctx context.Context, o *options, dir string, b *bucket, name string) (*service, error) {
	address, err := rig.Free(ctx)
	if err != nil {
		return nil, err
	}
	s := &service{url: "http://" + address, state: filepath.Join(dir, "windlass-"+name)}
	s.process, err = rig.Launch(ctx, dir, "serve-"+name, nil, o.windlass, "serve", "--listen", address, "--dir",
		s.state, "--admin-listen", "off", "--aws-endpoint", b.endpoint, "--memory", fmt.Sprint(o.memory, "MiB"))
	if err != nil {
		return nil, err
	}
	if err := s.connect(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// stop ends the service and makes room for the next one.
func (s *service) stop() {
	s.process.Stop()
	_ = os.RemoveAll(s.state)
}

// connect waits until the service answers.
func (s *service) connect(ctx context.Context) error {
	return rig.Until(ctx, func() error {
		token, err := os.ReadFile(filepath.Join(s.state, "first-token"))
		if err != nil {
			return err
		}
		s.token = strings.TrimSpace(string(token))
		s.api, err = client.New(client.Config{URL: s.url, Token: s.token, Workspace: "main"})
		if err != nil {
			return err
		}
		_, err = s.api.Whoami(ctx)
		return err
	})
}

func loadAll(ctx context.Context, api *client.Client, b *bucket, name string) (client.Load, error) {
	key, err := api.AddCredential(ctx, client.CredentialSpec{
		Name: "bench", AccessKeyID: b.key.ID, SecretAccessKey: b.key.Secret, Endpoint: b.endpoint, Region: "us-east-1",
	})
	if err != nil {
		return client.Load{}, err
	}
	source, err := api.CreateSource(ctx, client.SourceSpec{
		Name: name, Credential: key.ID, Bucket: bucketName, Pattern: name + "/**",
	})
	if err != nil {
		return client.Load{}, err
	}
	load, err := api.StartLoad(ctx, client.LoadSpec{Source: source.ID, Dataset: name})
	if err != nil {
		return client.Load{}, err
	}
	load, err = api.WaitLoad(ctx, load.ID, func(client.Load) {})
	if err == nil && (load.State != "loaded" || load.Outcome != "complete") {
		err = fmt.Errorf("the load %s is %s %s: %v", load.ID, load.State, load.Outcome, load.Problems)
	}
	return load, err
}

// peakOf returns the peak of a process's resident memory, in MiB.
func peakOf(process int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kilobytes, err := strconv.ParseFloat(fields[1], 64)
			return kilobytes / 1024, err
		}
	}
	return 0, fmt.Errorf("process %d has no VmHWM", process)
}

// ticks is the unit of CPU times in /proc, in parts of a second.
const ticks = 100

// cpuOf returns the CPU time that processes used, without those that ended.
func cpuOf(processes ...int) time.Duration {
	var sum time.Duration
	for _, process := range processes {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ") // the name before may have spaces
		fields := strings.Fields(rest)
		for _, i := range []int{11, 12} { // user and system
			if i < len(fields) {
				n, _ := strconv.ParseInt(fields[i], 10, 64)
				sum += time.Duration(n) * time.Second / ticks
			}
		}
	}
	return sum
}
