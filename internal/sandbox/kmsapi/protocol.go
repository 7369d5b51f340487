package kmsapi

import (
	"net/http"
	"strings"
)

// target is the prefix of the header with the action.
const target = "TrentService."

// Action returns the action in a request, and whether the request is for KMS.
func Action(r *http.Request) (action string, ok bool) {
	return strings.CutPrefix(r.Header.Get("X-Amz-Target"), target)
}
