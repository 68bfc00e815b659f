// Command bare lists integrations with the standard library alone.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

type integration struct {
	Name          string         `json:"name"`
	Type          string         `json:"type"`
	Category      string         `json:"category"`
	Description   string         `json:"description"`
	Enabled       bool           `json:"enabled"`
	Configuration map[string]any `json:"configuration"`
	ModelsCount   int64          `json:"modelsCount"`
}

func main() {
	list, err := fetch(os.Getenv("CONDUCTOR_SERVER_URL"), os.Getenv("CONDUCTOR_AUTH_TOKEN"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, i := range list {
		fmt.Println(i.Name, i.Type, i.ModelsCount)
	}
}

func fetch(server, token string) (list []integration, err error) {
	req, err := http.NewRequest(http.MethodGet, server+"/integrations/provider?activeOnly=true", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Authorization", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", resp.Status)
	}
	err = json.NewDecoder(resp.Body).Decode(&list)
	return list, err
}
