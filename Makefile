# Journey Engine with one command: `make up`. Needs Python 3.11 or newer; everything else is brought along.
#   make up      start everything (PORT=8080 STATE=.state)      make test    run all tests, the browser's too
#   make bench   measure it                                     make lint    read the code, change nothing
#   make chaos   break it for MINUTES=10, in the order of SEED=…, and judge what it did
#   make wheel   the installable package                        make clean   remove what was built (not STATE)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv of the system, else the one that is put into the environment
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo $(BIN)/uv)
# the bundled Node is only fetched where the system's is missing or too old (editor/build.py knows)
NODE_GROUP = $(shell $(BIN)/python -c "import sys; sys.path.insert(0, 'editor'); import build; build.system_node() or print('--group editor')")
SYNC = $(UV) sync --quiet --locked --extra embedded --inexact $(NODE_GROUP)

# an environment made here is never a downloaded Python, nor one that happens to be active in the shell
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := $(VENV)
unexport VIRTUAL_ENV
# behind a company's own certificate authority, the one that the system trusts is trusted
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1
endif

.PHONY: up test bench chaos lint wheel clean editor
.DEFAULT_GOAL := up

up: $(VENV)/.installed editor
	@exec $(BIN)/journey up

# the quick checks first: what fails, fails early; pytest's closing line comes last
test: $(VENV)/.installed-for-tests editor
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python editor/build.py lint typecheck test
	@chromium=$$($(BIN)/python -m tests.support.browser) && echo "Testing with $$chromium" && \
	CHROMIUM=$$chromium $(BIN)/pytest -n 2 --dist loadfile

# QUICK=1 takes minutes; the whole of it takes about an hour
bench: $(VENV)/.installed-for-tests
	@$(SYNC) --group dev --group bench || { $(INSTALL_FAILED); }
	$(BIN)/python -m bench $(if $(QUICK),--quick)

# a run of half an hour: make chaos MINUTES=30; the same again: SEED as it was printed
MINUTES ?= 10
chaos: $(VENV)/.installed-for-tests
	@$(BIN)/python -m tests.crash.run --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) --json $(or $(JSON),chaos.json)

lint: $(VENV)/.installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python editor/build.py lint typecheck

editor: $(VENV)/.installed
	@$(BIN)/python editor/build.py

wheel: $(VENV)/.installed
	$(UV) build --wheel

clean:
	rm -rf $(VENV) api/static/editor editor/node_modules dist

$(VENV)/.installed: pyproject.toml uv.lock | $(VENV)/.made
	@echo "Installing packages … / 正在安装依赖 …"
	@$(SYNC) || { $(INSTALL_FAILED); }
	@touch $@

$(VENV)/.installed-for-tests: pyproject.toml uv.lock | $(VENV)/.installed
	@$(SYNC) --group dev || { $(INSTALL_FAILED); }
	@touch $@

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { $(PYTHON_TOO_OLD); }
	@echo "Making the Python environment in $(VENV) … / 正在创建 Python 环境 …"
	@if [ "$(UV)" = uv ]; then uv venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV); \
	else { $(PYTHON) -m venv $(VENV) || { $(NO_VENV); }; } && { $(BIN)/pip install --quiet --disable-pip-version-check uv || { $(INSTALL_FAILED); }; }; fi
	@touch $@

define PYTHON_TOO_OLD
echo "Journey Engine needs Python 3.11 or newer; '$(PYTHON)' is not that. Install it, or name it: make up PYTHON=python3.12" >&2; \
echo "需要 Python 3.11 或更新版本。请安装，或指定解释器：make up PYTHON=python3.12" >&2; exit 1
endef

define NO_VENV
rm -rf $(VENV); echo "This Python cannot make environments. On Debian or Ubuntu: apt-get install python3-venv, then run make again." >&2; \
echo "此 Python 无法创建虚拟环境。Debian/Ubuntu 请先执行 apt-get install python3-venv，然后重试。" >&2; exit 1
endef

define INSTALL_FAILED
echo "Installing failed; the reason is above. Without a network, try again later; if a compiler was missed: apt-get install build-essential python3-dev" >&2; \
echo "安装失败，原因见上。若为网络问题请稍后重试；若缺少编译器：apt-get install build-essential python3-dev" >&2; exit 1
endef
