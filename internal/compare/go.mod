module github.com/seed4e9a5e42/integrations/internal/compare

go 1.26

require (
	github.com/antihax/optional v1.0.0
	github.com/conductor-sdk/conductor-go v1.5.4
	github.com/seed4e9a5e42/integrations v0.0.0
	github.com/sirupsen/logrus v1.8.1
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/patrickmn/go-cache v2.1.0+incompatible // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.20.0 // indirect
)

replace github.com/seed4e9a5e42/integrations => ../..
