# The twin of the Makefile for Windows:  .\make.ps1 demo   and   .\make.ps1 test
# Needs Python 3.11 or newer and git. All else is installed into .venv, as uv.lock says.
param(
    [Parameter(Position = 0)][ValidateSet("demo", "test", "lint", "install")][string]$Task = "demo",
    [Parameter(ValueFromRemainingArguments = $true)][string[]]$Rest = @()
)
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
$UvVersion = "0.13.9"
$Python = Join-Path ".venv" "Scripts\python.exe"
$Stamp = Join-Path ".venv" ".installed"

function Invoke-Checked([string]$Program, [string[]]$Arguments) {
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Find-Python {
    foreach ($Candidate in @(@("py", "-3"), @("python"), @("python3"))) {
        if (-not (Get-Command $Candidate[0] -ErrorAction SilentlyContinue)) { continue }
        $First, $More = $Candidate
        & $First @More -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>$null
        if ($LASTEXITCODE -eq 0) { return , $Candidate }
    }
    Write-Error "Python 3.11 or newer is needed and was not found: https://www.python.org/downloads/"
    exit 2
}

$Newest = (Get-Item "pyproject.toml", "uv.lock", "hatch_build.py" | Sort-Object LastWriteTime)[-1].LastWriteTime
if (-not (Test-Path $Stamp) -or (Get-Item $Stamp).LastWriteTime -lt $Newest) {
    if (-not (Test-Path $Python)) {
        $First, $More = Find-Python
        Invoke-Checked $First (@($More) + @("-m", "venv", ".venv"))
    }
    Invoke-Checked $Python @("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv==$UvVersion")
    $env:UV_PYTHON_DOWNLOADS = "never"
    Invoke-Checked $Python @("-m", "uv", "sync", "--quiet", "--frozen", "--all-extras", "--no-extra", "spark", "--python", $Python)
    Set-Content -Path $Stamp -Value ""
}

switch ($Task) {
    "demo" { Invoke-Checked ".venv\Scripts\crmmigrate.exe" (@("demo") + $Rest) }
    "test" { Invoke-Checked ".venv\Scripts\pytest.exe" (@("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder") + $Rest) }
    "lint" {
        Invoke-Checked ".venv\Scripts\ruff.exe" @("check")
        Invoke-Checked ".venv\Scripts\ruff.exe" @("format", "--check")
        Invoke-Checked ".venv\Scripts\mypy.exe" @()
        Invoke-Checked ".venv\Scripts\lint-imports.exe" @("--no-logo")
    }
}
