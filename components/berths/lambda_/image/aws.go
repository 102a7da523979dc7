package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// authorities is the file that this image brings, since the service's may hold none.
const authorities = "/opt/berth/authorities.pem"

const (
	attempts = 4
	pause    = 200 * time.Millisecond
)

// client calls the two APIs that this program needs, with the function's own credentials. AWS's SDK would make it ten
// times as large, and every cold start reads all of it.
type client struct {
	http   *http.Client
	region string
}

func newClient() (*client, error) {
	region := os.Getenv("AWS_REGION")
	if region == "" {
		return nil, fmt.Errorf("AWS_REGION is not set")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if pem, err := os.ReadFile(authorities); err == nil {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &client{&http.Client{Transport: transport, Timeout: 3 * time.Second}, region}, nil
}

// endpoint heeds the variables of AWS's SDKs (SDKs and Tools reference guide, "Service-specific endpoints").
func (c *client) endpoint(service, variable string) string {
	for _, name := range []string{"AWS_ENDPOINT_URL_" + variable, "AWS_ENDPOINT_URL"} {
		if url := os.Getenv(name); url != "" {
			return strings.TrimRight(url, "/")
		}
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(c.region, "cn-") {
		suffix = "amazonaws.com.cn"
	}
	return "https://" + service + "." + c.region + "." + suffix
}

// call makes one call of AWS's JSON protocol, and again where an error may pass.
func (c *client) call(ctx context.Context, service, variable, target string, body, answer any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		passing, err := c.once(ctx, service, c.endpoint(service, variable), target, payload, answer)
		if err == nil || !passing || attempt == attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause << attempt):
		}
	}
}

func (c *client) once(ctx context.Context, service, endpoint, target string, payload []byte, answer any) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", bytes.NewReader(payload))
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", target)
	sign(request, payload, service, c.region, time.Now().UTC())
	response, err := c.http.Do(request)
	if err != nil {
		return true, fmt.Errorf("%s: %w", target, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return true, err
	}
	if response.StatusCode == http.StatusOK {
		return false, json.Unmarshal(text, answer)
	}
	var said struct {
		Type    string `json:"__type"`
		Message string
	}
	_ = json.Unmarshal(text, &said)
	passing := response.StatusCode >= 500 || strings.Contains(said.Type, "Throttling")
	return passing, fmt.Errorf("%s: status %d: %s %s", target, response.StatusCode, said.Type, said.Message)
}

// sign adds AWS's Signature Version 4 (IAM user guide, "Create a signed AWS API request").
func sign(request *http.Request, payload []byte, service, region string, now time.Time) {
	stamp, day := now.Format("20060102T150405Z"), now.Format("20060102")
	request.Header.Set("X-Amz-Date", stamp)
	names, headers := "content-type;host;x-amz-date", [][2]string{
		{"content-type", request.Header.Get("Content-Type")},
		{"host", request.URL.Host},
		{"x-amz-date", stamp},
	}
	if token := os.Getenv("AWS_SESSION_TOKEN"); token != "" {
		request.Header.Set("X-Amz-Security-Token", token)
		names, headers = names+";x-amz-security-token", append(headers, [2]string{"x-amz-security-token", token})
	}
	names, headers = names+";x-amz-target", append(headers, [2]string{"x-amz-target", request.Header.Get("X-Amz-Target")})
	canonical := "POST\n/\n\n"
	for _, header := range headers {
		canonical += header[0] + ":" + header[1] + "\n"
	}
	canonical += "\n" + names + "\n" + digest(payload)
	scope := strings.Join([]string{day, region, service, "aws4_request"}, "/")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, digest([]byte(canonical))}, "\n")
	key := []byte("AWS4" + os.Getenv("AWS_SECRET_ACCESS_KEY"))
	for _, part := range []string{day, region, service, "aws4_request", toSign} {
		code := hmac.New(sha256.New, key)
		code.Write([]byte(part))
		key = code.Sum(nil)
	}
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		os.Getenv("AWS_ACCESS_KEY_ID"), scope, names, key))
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
