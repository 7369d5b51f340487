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
}

// measure loads a case's objects into a new service and reads its peak.
func measure(ctx context.Context, o *options, dir string, b *bucket, name string) (result, error) {
	address, err := rig.Free(ctx)
	if err != nil {
		return result{}, err
	}
	state := filepath.Join(dir, "windlass-"+name)
	service, err := rig.Launch(ctx, dir, "serve-"+name, nil, o.windlass, "serve", "--listen", address, "--dir", state,
		"--admin-listen", "off", "--aws-endpoint", b.endpoint, "--memory", fmt.Sprint(o.memory, "MiB"))
	if err != nil {
		return result{}, err
	}
	defer func() {
		service.Stop()
		_ = os.RemoveAll(state) // room for the next case
	}()
	api, err := connect(ctx, address, state)
	if err != nil {
		return result{}, err
	}
	began := time.Now() //nolint:forbidigo // it measures time
	load, err := loadAll(ctx, api, b, name)
	if err != nil {
		return result{}, err
	}
	peak, err := peakOf(service.ID())
	return result{load.Progress.Rows, peak, time.Since(began).Seconds()}, err
}

// connect waits until the service answers.
func connect(ctx context.Context, address, state string) (api *client.Client, err error) {
	err = rig.Until(ctx, func() error {
		token, err := os.ReadFile(filepath.Join(state, "first-token")) //nolint:gosec // a file of this run's own folder
		if err != nil {
			return err
		}
		api, err = client.New(client.Config{
			URL: "http://" + address, Token: strings.TrimSpace(string(token)), Workspace: "main",
		})
		if err != nil {
			return err
		}
		_, err = api.Whoami(ctx)
		return err
	})
	return api, err
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
