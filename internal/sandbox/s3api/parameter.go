package s3api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// intParameter reads a number from the query.
func (c *call) intParameter(name string, fallback, least, most int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err == nil && n < least {
		return 0, invalidArgument(name, text, "Argument %s must be an integer between %d and 2147483647", name, least)
	}
	if err != nil {
		return 0, invalidArgument(name, text, "Provided %s not an integer or within integer range", name)
	}
	return min(n, most), nil
}

// token makes an opaque continuation token.
func token(after string) string { return base64.URLEncoding.EncodeToString([]byte("1" + after)) }

// continuation reads the continuation token of a request.
func (c *call) continuation() (after string, _ error) {
	if !c.query.Has("continuation-token") {
		return "", nil
	}
	text := c.query.Get("continuation-token")
	raw, err := base64.URLEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || raw[0] != '1' {
		return "", invalidArgument("continuation-token", text, "The continuation token provided is incorrect")
	}
	return string(raw[1:]), nil
}

// canonicalID is an account's canonical user ID.
func (c *call) canonicalID(account string) string {
	id := canonicalOf(&directory.Account{ID: account})
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn gives no error
		if of := tx.Accounts.Get(account, ""); of != nil {
			id = canonicalOf(of)
		}
		return nil
	})
	return id
}

func canonicalOf(account *directory.Account) string {
	if account.CanonicalID != "" {
		return account.CanonicalID
	}
	sum := sha256.Sum256([]byte("canonical user ID of " + account.ID))
	return hex.EncodeToString(sum[:])
}

// storeError gives an error of the store as S3 answers it.
func (c *call) storeError(err error) error {
	switch {
	case errors.Is(err, s3store.ErrNoBucket):
		return noSuchBucket(c.Bucket)
	case errors.Is(err, s3store.ErrNoKey):
		return noSuchKey(c.Key)
	case errors.Is(err, s3store.ErrNoVersion):
		return noSuchVersion(c.Key, c.query.Get("versionId"))
	case errors.Is(err, s3store.ErrNoUpload):
		return noSuchUpload(c.query.Get("uploadId"))
	default:
		return err
	}
}

// headerInt reads a number from a header.
func headerInt(r *http.Request, name string, fallback int) (int, error) {
	text := r.Header.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, invalidArgument(strings.ToLower(name), text, "Provided %s not an integer or within integer range", strings.ToLower(name))
	}
	return min(n, maxKeys), nil
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
