package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	bucket    = "bench"
	accessKey = "benchaccess"
	secretKey = "benchsecretbenchsecret"
)

// server is a running server with a client for it.
type server struct {
	name    string
	command *exec.Cmd
	client  *s3.Client
	log     *os.File
}

// start runs the servers whose binaries exist, each in its own process.
func start(ctx context.Context, o options, dir string) ([]*server, error) {
	var servers []*server
	for _, launch := range []func() (*server, error){
		func() (*server, error) { return startWindlass(ctx, o.windlass, "windlass", dir) },
		func() (*server, error) {
			return startWindlass(ctx, o.windlass, "windlass --dir", dir, "--dir", filepath.Join(dir, "windlass"))
		},
		func() (*server, error) { return startVersitygw(ctx, o.versitygw, dir) },
		func() (*server, error) { return startMinIO(ctx, o.minio, dir) },
	} {
		s, err := launch()
		if s != nil {
			servers = append(servers, s)
		}
		if err != nil {
			return servers, err
		}
	}
	return servers, nil
}

func startWindlass(ctx context.Context, binary, name, dir string, more ...string) (*server, error) {
	address, err := free(ctx)
	if err != nil {
		return nil, err
	}
	keys := filepath.Join(dir, strings.ReplaceAll(name, " ", "")+"-keys")
	s, err := launch(
		ctx,
		dir,
		name,
		binary,
		append([]string{"sandbox", "--listen", address, "--keys", keys}, more...)...)
	if err != nil {
		return s, err
	}
	id, secret, err := readKeys(ctx, filepath.Join(keys, "customer.env"))
	if err != nil {
		return s, err
	}
	return s, s.connect(ctx, address, id, secret)
}

// readKeys waits for the file that the sandbox writes its keys to.
func readKeys(ctx context.Context, path string) (id, secret string, err error) {
	err = until(ctx, func() error {
		text, err := os.ReadFile(path) //nolint:gosec // a file of this run's own folder
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
			switch name {
			case "AWS_ACCESS_KEY_ID":
				id = value
			case "AWS_SECRET_ACCESS_KEY":
				secret = value
			}
		}
		return nil
	})
	return id, secret, err
}

func startVersitygw(ctx context.Context, binary, dir string) (*server, error) {
	if binary == "" {
		return nil, nil //nolint:nilnil // a server that is left out is no error
	}
	address, err := free(ctx)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "versitygw")
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, err
	}
	s, err := launch(
		ctx,
		dir,
		"versitygw",
		binary,
		"--access",
		accessKey,
		"--secret",
		secretKey,
		"--port",
		address,
		"--quiet",
		"posix",
		data,
	)
	if err != nil {
		return s, err
	}
	return s, s.connect(ctx, address, accessKey, secretKey)
}

func startMinIO(ctx context.Context, binary, dir string) (*server, error) {
	if binary == "" {
		return nil, nil //nolint:nilnil // as above
	}
	address, err := free(ctx)
	if err != nil {
		return nil, err
	}
	console, err := free(ctx)
	if err != nil {
		return nil, err
	}
	s, err := launch(
		ctx,
		dir,
		"minio",
		binary,
		"server",
		"--quiet",
		"--address",
		address,
		"--console-address",
		console,
		filepath.Join(dir, "minio"),
	)
	if err != nil {
		return s, err
	}
	return s, s.connect(ctx, address, accessKey, secretKey)
}

func launch(ctx context.Context, dir, name, binary string, arguments ...string) (*server, error) {
	log, err := os.Create( //nolint:gosec // a file of this run's own folder
		filepath.Join(dir, strings.ReplaceAll(name, " ", "")+".log"),
	)
	if err != nil {
		return nil, err
	}
	s := &server{
		name:    name,
		log:     log,
		command: exec.CommandContext(ctx, binary, arguments...), //nolint:gosec // the binaries are the caller's
	}
	s.command.Stdout, s.command.Stderr = log, log
	s.command.Env = append(
		os.Environ(),
		"MINIO_ROOT_USER="+accessKey,
		"MINIO_ROOT_PASSWORD="+secretKey,
		"MINIO_UPDATE=off",
	)
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return s, nil
}

// stop stops a server that this run started.
func (s *server) stop() {
	_ = s.command.Process.Kill() // it may have ended already
	_ = s.command.Wait()         // the status says that it was killed
	_ = s.log.Close()            // nobody reads it any more
}

// connect waits until the server responds and creates the bucket.
func (s *server) connect(ctx context.Context, address, id, secret string) error {
	endpoint := "http://" + address
	s.client = s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
		HTTPClient:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	})
	return until(ctx, func() error {
		_, err := s.client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)})
		return err
	})
}

// until retries something for at most a minute.
func until(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// free returns a free loopback address.
func free(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func drain(body io.ReadCloser, buffer []byte) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, body, buffer)
	return errors.Join(err, body.Close())
}
