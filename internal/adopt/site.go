package adopt

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Asker asks for what users find under a name, from where kora runs.
type Asker struct {
	Resolve func(ctx context.Context, name string) ([]string, error)
	Client  *http.Client
}

// NewAsker asks the internet. A redirect is an answer, not followed.
func NewAsker() Asker {
	return Asker{net.DefaultResolver.LookupHost, &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Ask asks where the name leads and what https://name/path answers. That nobody answers is no error: what did not answer before
// need not later.
func (a Asker) Ask(ctx context.Context, name, path string) Site {
	var site Site
	if name == "" {
		return site
	}
	if addresses, err := a.Resolve(ctx, name); err == nil {
		site.Addresses = addresses
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+name+path, nil)
	if err != nil {
		return site
	}
	answer, err := a.Client.Do(request)
	if err != nil {
		return site
	}
	answer.Body.Close()
	site.Status = answer.StatusCode
	return site
}
