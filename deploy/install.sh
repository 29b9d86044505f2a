#!/bin/sh
# Installs this bundle into a new folder, without a network: sh install.sh [FOLDER], by default /opt/jiqun.
# Needs Python 3.11 with its venv module; PYTHON=/path/to/python3.11 names another one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/jiqun}
python=${PYTHON:-python3.11}

stop() { printf '%s\n' "$1" >&2; exit 2; }

command -v "$python" >/dev/null 2>&1 || stop "没有找到 Python 3.11（$python）；请先安装，或用 PYTHON= 指明路径。"
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || stop "需要 Python 3.11；$python 是其他版本。"
"$python" -c 'import venv, ensurepip' 2>/dev/null || stop "Python 缺少 venv 模块；Debian 上请安装 python3.11-venv。"
if [ -e "$target" ] && [ -n "$(ls -A "$target" 2>/dev/null)" ]; then
    stop "$target 不是空文件夹；请装入新的文件夹，再把链接指过去（见 INSTALL.zh-CN.md 的升级一节）。"
fi

# nothing of the bundle runs before each of its files is what it was
(cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) >&2 || stop "安装包不完整或被改动；请重新拷贝。"
listed=$(wc -l <"$here/SHA256SUMS")
there=$(find "$here" -type f ! -path "$here/SHA256SUMS" | wc -l)
[ "$listed" -eq "$there" ] || stop "安装包里有清单以外的文件；请重新解包到空文件夹。"

mkdir -p "$target"
cp -R "$here/program/." "$target/"
"$python" -m venv "$target/.venv"
"$target/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-cache-dir \
    --find-links "$here/wheelhouse" --requirement "$target/requirements.txt" ||
    stop "安装依赖包失败；请确认这台机器与制作安装包的机器系统相同。"
"$target/.venv/bin/python" -m pip check --disable-pip-version-check >&2
"$target/.venv/bin/python" -m compileall -q -j 0 "$target/app.py" "$target/cli.py" "$target/geo" "$target/data" \
    "$target/clusters" "$target/views" "$target/api"
printf '已安装到 %s。启动：%s/.venv/bin/python %s/cli.py serve\n' "$target" "$target" "$target"
