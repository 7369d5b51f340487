package console

import "time"

// datasetPage is a dataset's overview.
type datasetPage struct {
	shell
	Dataset    datasetView
	RequestURL string
	Curl       string
	Run        requestRun
	Loads      []loadView
}

// requestRun is the live request of the overview.
type requestRun struct {
	Key, Subkey string
	Last        int
	Response    *responseView
}

// responseView is its answer.
type responseView struct {
	Problem bool
	Status  string // "200 OK"
	Rows    int
	Took    time.Duration
	Text    string
}
