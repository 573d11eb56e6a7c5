class FitbitHr < Formula
  desc "@{description}"
  homepage "@{homepage}"
  version "@{version}"
  license "@{license}"

  on_macos do
    on_arm do
      url "@{mac_arm_url}"
      sha256 "@{mac_arm_sha256}"
    end
    on_intel do
      url "@{mac_intel_url}"
      sha256 "@{mac_intel_sha256}"
    end
  end

  on_linux do
    on_arm do
      url "@{linux_arm_url}"
      sha256 "@{linux_arm_sha256}"
    end
    on_intel do
      url "@{linux_intel_url}"
      sha256 "@{linux_intel_sha256}"
    end
  end

  def install
    bin.install "fitbit-hr"
    man1.install "fitbit-hr.1"
    bash_completion.install "completions/fitbit-hr.bash" => "fitbit-hr"
    zsh_completion.install "completions/_fitbit-hr"
    fish_completion.install "completions/fitbit-hr.fish"
    pkgshare.install "keys.example.toml"
  end

  test do
    system bin/"fitbit-hr", "--demo", "2017-06-01"
    assert_path_exists testpath/"demo_data/hr.csv"
  end
end
